import type { FaultProxy, ProxyLink } from '../../chaos/fault-proxy.ts';

/** ZooKeeper's numbers of the operations that these tests disturb. */
export const opcodes = { create: 1, getData: 4, getChildren: 12, transaction: 14 } as const;

/**
 * ZooKeeper's protocol has frames in both directions: length (4 bytes), then in a request xid and opcode, in a reply
 * xid, zxid (8) and error code (4 bytes each). The first frame of a connection opens the session and has no such
 * header.
 */
export interface Frame {
  readonly bytes: Buffer;
  readonly xid: number;
  /** Of a request. */
  readonly opcode: number;
  readonly isFirst: boolean;
}

export const errorCodeOffset = 4 + 4 + 8;

/** In the first request of a connection, behind its length, the protocol's version, the last zxid and the time-out. */
export const sessionIdOffset = 4 + 4 + 8 + 4;

/** Cuts the chunks of one direction of one connection into whole frames. */
class FrameCutter {
  #rest = Buffer.alloc(0);
  #count = 0;

  *cut(chunk: Buffer): Generator<Frame> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 4 && this.#rest.length >= 4 + this.#rest.readInt32BE(0)) {
      const bytes = this.#rest.subarray(0, 4 + this.#rest.readInt32BE(0));
      this.#rest = this.#rest.subarray(bytes.length);
      yield {
        bytes,
        xid: bytes.readInt32BE(4),
        opcode: bytes.readInt32BE(8),
        isFirst: this.#count++ === 0,
      };
    }
  }
}

/** The fate of a frame: it passes, passes changed, or the connection is cut instead. */
export type Fate = 'pass' | 'cut' | Buffer;

/** May be changed at any time; frames without a decision pass. */
export interface Deciders {
  request?: ((opcode: number) => Fate) | undefined;
  /** Gets the opcode of the request that is answered. */
  reply?: ((opcode: number, frame: Frame) => Fate) | undefined;
}

/** Lets a test decide on each request and each reply. Call this before the first connection through the proxy. */
export function interfere(proxy: FaultProxy): Deciders {
  const deciders: Deciders = {};
  const connections = new WeakMap<
    ProxyLink,
    { toServer: FrameCutter; toClient: FrameCutter; opcodeOf: Map<number, number> }
  >();
  const connection = (link: ProxyLink) => {
    const known = connections.get(link) ?? {
      toServer: new FrameCutter(),
      toClient: new FrameCutter(),
      opcodeOf: new Map(),
    };
    connections.set(link, known);
    return known;
  };
  const pass = (chunks: Iterable<Frame>, link: ProxyLink, decide: (frame: Frame) => Fate) => {
    const passing: Buffer[] = [];
    for (const frame of chunks) {
      const fate = frame.isFirst ? 'pass' : decide(frame);
      if (fate === 'cut') {
        link.cut();
        break;
      }
      passing.push(fate === 'pass' ? frame.bytes : fate);
    }
    return passing.length === 0 ? undefined : Buffer.concat(passing);
  };
  proxy.intercept.toServer = (chunk, link) => {
    const { toServer, opcodeOf } = connection(link);
    return pass(toServer.cut(chunk), link, (frame) => {
      opcodeOf.set(frame.xid, frame.opcode);
      return deciders.request?.(frame.opcode) ?? 'pass';
    });
  };
  proxy.intercept.toClient = (chunk, link) => {
    const { toClient, opcodeOf } = connection(link);
    return pass(toClient.cut(chunk), link, (frame) => {
      const opcode = opcodeOf.get(frame.xid);
      return (opcode === undefined ? undefined : deciders.reply?.(opcode, frame)) ?? 'pass';
    });
  };
  return deciders;
}
