import { must, unreachable } from '@tablelab/shared';
import type { ClientError, ClientRequest, ClientResult } from '../src/client/core/client-effects.ts';
import type { ChainCore, ChainCoreOptions } from '../src/core/chain-core.ts';
import type { ChainEffect, ChainEvent, LinkId, RequestToken, WriteReply } from '../src/core/effects.ts';
import type { ChainMessage } from '../src/core/messages.ts';
import type { WriteRequest } from '../src/core/update.ts';
import type { Timer } from '../src/ports.ts';
import { Coordination } from './coordination.ts';
import { ancestorAt, type HistoryNode, type HistoryTree } from './history-tree.ts';
import type { End, Network } from './network.ts';
import { SimProcess } from './process.ts';
import { SimTable } from './table.ts';
import { describeEffect, describeEvent } from './trace.ts';
import type { World } from './world.ts';
import type { SimZooKeeper } from './zookeeper.ts';

/** The class under test: the core, or one that somebody has broken on purpose. */
export type CoreClass = new (options: ChainCoreOptions) => ChainCore;

const anyWrite: WriteRequest = {
  op: 'del',
  key: 'any',
  data: new Uint8Array(0),
  client: '',
  request: 0,
  firstIncomplete: 0,
};

/** What a client sends, and what it gets. */
export interface ClientCall {
  readonly token: number;
  readonly request: ClientRequest;
}

export interface ClientAnswer {
  readonly token: number;
  readonly answer: ClientResult | ClientError;
}

/** What watches the servers: the rules are checked there, and faults are set off. */
export interface ServerObserver {
  readonly onHandled: (server: SimServer, event: ChainEvent) => void;
  readonly onEffect: (server: SimServer, effect: ChainEffect) => void;
  readonly onExecuted: (server: SimServer) => void;
  /** Right before a read is answered. */
  readonly onRead: (server: SimServer) => void;
  /** The server has ended by itself. */
  readonly onEnd: (server: SimServer, effect: Extract<ChainEffect, { type: 'left' | 'stop' }>) => void;
}

export interface ServerParts {
  readonly world: World;
  readonly network: Network;
  readonly zooKeeper: SimZooKeeper;
  readonly tree: HistoryTree;
  /** The server that listens at an address now. */
  readonly serverAt: (address: string) => SimServer | undefined;
  readonly observer: ServerObserver;
  readonly sessionTimeoutMs: number;
  /** The histories that snapshots under way stand for. */
  readonly snapshots: WeakMap<ChainMessage, HistoryNode>;
}

export interface ServerOptions extends Omit<ChainCoreOptions, 'newChain'> {
  readonly Core: CoreClass;
  /** Its name in the trace. */
  readonly name: string;
  readonly clockRate: number;
}

/** A link's end, or a dial that waits. */
interface Link {
  end: End<ChainMessage> | undefined;
  dial: Timer | undefined;
}

/** One run of a server program: the core, a table, sessions with ZooKeeper, links to other servers, clients. */
export class SimServer {
  readonly name: string;
  readonly address: string;
  readonly member: string;
  readonly process: SimProcess;
  readonly core: ChainCore;
  readonly table: SimTable;
  readonly coordination: Coordination;
  isLeaving = false;
  /** The serial of the last membership record that it has acted on. */
  recordSerial = -1;
  readonly #parts: ServerParts;
  readonly #links = new Map<LinkId, Link>();
  readonly #replies = new Map<RequestToken, (reply: WriteReply) => void>();
  #linksIn = 0;
  #tokens = 0;
  #wake: Timer | undefined;
  /** What the snapshot stands for that is being handled. */
  #snapshot: HistoryNode | undefined;

  constructor(parts: ServerParts, options: ServerOptions) {
    const { world, tree, sessionTimeoutMs } = parts;
    const { Core, name, clockRate, ...coreOptions } = options;
    this.#parts = parts;
    this.name = name;
    this.address = options.address;
    this.member = options.member;
    this.process = new SimProcess(world, { host: options.address, clockRate });
    this.core = new Core({ ...coreOptions, newChain: world.hex(16) });
    this.table = new SimTable({
      world,
      process: this.process,
      tree,
      onExecuted: () => parts.observer.onExecuted(this),
      onDone: () => this.#tellDone(),
    });
    this.coordination = new Coordination({
      ...parts,
      process: this.process,
      sessionTimeoutMs,
      handle: (event) => this.handle(event),
    });
  }

  /** Whether it would answer a read now, if it was not frozen. */
  get servesReads(): boolean {
    return this.process.isAlive && this.core.readRefusal(this.process.now()) === undefined;
  }

  /** Whether it would number a write now, if it had room. */
  get takesWrites(): boolean {
    if (!this.process.isAlive) return false;
    const refusal = this.core.writeRefusal(anyWrite, 0, this.process.now());
    return refusal === undefined || refusal.code === 'BUSY' || refusal.code === 'FULL';
  }

  handle(event: ChainEvent): void {
    if (this.process.isAlive) this.#handle(event);
  }

  leave(): void {
    this.isLeaving = true;
    this.process.deliver('signal', () => this.handle({ type: 'leave' }));
  }

  crash(): void {
    this.process.kill();
    this.#parts.network.abandon(this.process);
  }

  /** Another server has connected. */
  acceptLink(end: End<ChainMessage>): void {
    this.#linksIn += 1;
    this.#open(`in-${this.#linksIn}`, end);
  }

  /** A client has connected: its requests are answered in their order. */
  acceptClient(end: End<unknown>): void {
    const answers: { answer: ClientResult | ClientError | undefined; readonly token: number }[] = [];
    const flush = () => {
      while (answers[0]?.answer !== undefined) end.send(answers.shift());
    };
    end.receiving = {
      onMessage: (message) => {
        const { token, request } = message as ClientCall;
        const slot: (typeof answers)[number] = { answer: undefined, token };
        answers.push(slot);
        this.#serve(request, (answer) => {
          slot.answer = answer;
          flush();
        });
      },
      onDown: () => undefined,
    };
  }

  #handle(event: ChainEvent): void {
    const { world, observer, snapshots } = this.#parts;
    if (event.type !== 'heartbeat') world.trace(`${this.name} < ${describeEvent(event)}`);
    if (event.type === 'message') this.#snapshot = snapshots.get(event.message);
    this.core.handle(event, this.process.now());
    for (const effect of this.core.takeEffects()) this.#perform(effect);
    this.recordSerial = this.core.record?.serial ?? this.recordSerial;
    if (this.process.isAlive) observer.onHandled(this, event);
  }

  #tellExecuted(): void {
    if (this.core.executed < this.table.executed) {
      this.#handle({ type: 'executed', executed: this.table.executed, tableBytes: 0 });
    }
  }

  #tellDone(): void {
    this.#tellExecuted();
    if (this.table.loaded > 0) this.handle({ type: 'loaded', chunks: this.table.loaded, tableBytes: 0 });
  }

  #serve(request: ClientRequest, done: (answer: ClientResult | ClientError) => void): void {
    if ('client' in request) return this.#write(request, done);
    const refusal = this.core.readRefusal(this.process.now());
    if (refusal !== undefined) return done(errorOf(refusal));
    this.#parts.observer.onRead(this);
    const { contents } = this.table;
    switch (request.op) {
      case 'get': {
        const value = contents.get(request.key);
        return done({
          type: 'value',
          value: value === undefined ? undefined : new TextEncoder().encode(value),
        });
      }
      case 'size':
        return done({ type: 'size', size: contents.size });
      case 'keys':
        return done({ type: 'keys', keys: [...contents.keys()] });
      case 'verify': {
        const outcome = this.core.verify(request.name);
        if (outcome === 'lost') return done(errorOf({ code: 'LOST', detail: 'another write has its place' }));
        return done({ type: 'verified', executed: outcome === 'executed' });
      }
      default:
        return unreachable(request);
    }
  }

  #write(asked: WriteRequest, done: (answer: ClientResult | ClientError) => void): void {
    this.#tokens += 1;
    const token = this.#tokens;
    this.#replies.set(token, (reply) => {
      if (reply.type === 'committed') done({ type: 'written', name: reply.name, client: reply.client });
      else if (reply.type === 'unknown')
        done({ type: 'error', code: 'UNCERTAIN', detail: reply.detail, mayHaveHappened: true });
      else if (reply.type === 'refused') done(errorOf(reply));
    });
    const write = asked.op === 'open' ? { ...asked, client: this.#parts.world.hex(32) } : asked;
    this.handle({ type: 'write', token, write, replacedBytes: 0, ack: 'committed' });
  }

  #perform(effect: ChainEffect): void {
    const { world, observer, snapshots } = this.#parts;
    if (effect.type !== 'heartbeats') world.trace(`${this.name} > ${describeEffect(effect)}`);
    if (effect.type === 'send' && effect.message.type === 'snapshot') {
      snapshots.set(effect.message, ancestorAt(this.table.history, effect.message.seq - 1));
    }
    observer.onEffect(this, effect);
    if (!this.process.isAlive) return;
    switch (effect.type) {
      case 'execute':
        return this.table.execute(must(this.core.chain, 'whoever executes is of a chain'), effect.updates);
      case 'wipe':
        return this.table.wipe(effect.seq === 0 ? this.#parts.tree.root : this.#copiedHistory(effect.seq));
      case 'load':
        return this.table.load(effect.entries);
      case 'read-chunk':
        return this.#readChunk(effect.link, effect.cursor);
      case 'reply': {
        const reply = must(this.#replies.get(effect.token), 'a write is answered once');
        this.#replies.delete(effect.token);
        return reply(effect.reply);
      }
      case 'dial':
        return this.#dial(effect);
      case 'send':
        this.#links.get(effect.link)?.end?.send(effect.message);
        return;
      case 'close':
        return this.#close(effect.link, effect.detail);
      case 'read-directory':
        return this.coordination.readDirectory();
      case 'change-directory':
        return this.coordination.change(effect.change);
      case 'heartbeats':
        return this.coordination.heartbeats(effect.id);
      case 'wake':
        if (this.#wake !== undefined) this.#wake.cancel();
        this.#wake = this.process.after(effect.delayMs, () => this.handle({ type: 'wake' }));
        return;
      case 'log':
        return;
      case 'left':
      case 'stop':
        return this.#finish(effect);
      default:
        return unreachable(effect);
    }
  }

  #copiedHistory(seq: number): HistoryNode {
    const history = must(this.#snapshot, 'only a snapshot wipes for another number than 0');
    return must(history.seq === seq - 1 ? history : undefined, 'the table goes on where the snapshot says');
  }

  #readChunk(link: LinkId, cursor: number): void {
    const { generation } = this.table;
    this.process.after(this.#parts.world.between(0.1, 3) * this.table.slowness, () => {
      if (generation !== this.table.generation) return;
      const chunk = this.table.readChunk(cursor);
      this.#tellExecuted();
      this.handle({ type: 'chunk', link, ...chunk, executed: this.table.executed });
    });
  }

  #dial({ link, address, delayMs }: Extract<ChainEffect, { type: 'dial' }>): void {
    const dial = this.process.after(delayMs, () => this.#connect(link, address));
    this.#links.set(link, { end: undefined, dial });
  }

  #connect(link: LinkId, address: string): void {
    const { world, network, serverAt } = this.#parts;
    const { host } = this.process;
    const fail = () => this.#down(link, 'no connection');
    const isCut = network.isCut(host, address) || network.isCut(address, host);
    if (isCut) {
      this.process.after(world.between(50, 300), fail);
      return;
    }
    world.schedule(network.delayMs(host, address), () => {
      const peer = serverAt(address);
      if (!this.process.isAlive) return;
      if (peer === undefined) return this.process.deliver(link, fail);
      const [near, far] = network.connect<ChainMessage>(
        { host, process: this.process },
        { host: address, process: peer.process },
      );
      peer.process.deliver(far, () => peer.acceptLink(far));
      world.schedule(network.delayMs(address, host), () => {
        this.process.deliver(near, () => {
          if (this.#links.has(link) && near.isOpen) {
            this.#open(link, near);
            this.handle({ type: 'link-up', link });
          } else {
            near.close('called off');
            if (this.#links.has(link)) fail();
          }
        });
      });
    });
  }

  #open(link: LinkId, end: End<ChainMessage>): void {
    this.#links.set(link, { end, dial: undefined });
    end.receiving = {
      onMessage: (message) => {
        if (this.#links.has(link)) this.handle({ type: 'message', link, message });
      },
      onDown: (detail) => this.#down(link, detail),
    };
  }

  #down(link: LinkId, detail: string): void {
    if (this.#links.delete(link)) this.handle({ type: 'link-down', link, detail });
  }

  #close(link: LinkId, detail: string): void {
    const { end, dial } = this.#links.get(link) ?? {};
    if (dial !== undefined) dial.cancel();
    this.#links.delete(link);
    end?.close(detail);
  }

  #finish(effect: Extract<ChainEffect, { type: 'left' | 'stop' }>): void {
    this.coordination.close();
    this.#parts.observer.onEnd(this, effect);
    this.crash();
  }
}

function errorOf({ code, detail }: { code: ClientError['code']; detail: string }): ClientError {
  return { type: 'error', code, detail, mayHaveHappened: false };
}
