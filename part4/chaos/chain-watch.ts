import { eventually, withDeadline } from '@tablelab/shared/testing';
import { ZooKeeperSession } from '../src/adapters/zookeeper/zookeeper-session.ts';
import type { MembershipRecord } from '../src/core/membership-record.ts';

const sessionTimeoutMs = 20_000;
const connectDeadlineMs = 30_000;
const callTimeoutMs = 5_000;

/** A server in `/chain`. */
export interface SeenServer {
  /** The name of its znode. */
  readonly name: string;
  readonly address: string;
  /** The session that owns it. */
  readonly session: string;
}

export interface SeenChain {
  /** Head first. */
  readonly servers: readonly SeenServer[];
  /** The addresses of the members in the membership record, head first. */
  readonly members: readonly string[];
  /** The number of children of `/chain-joining`. */
  readonly joining: number;
}

/**
 * Observes the chain in ZooKeeper with a separate session, without a proxy, so that it does not depend on any server.
 * It survives a ZooKeeper that is down, and one that has lost its data.
 */
export class ChainWatch {
  readonly #zookeeper: string;
  #session: Promise<ZooKeeperSession> | undefined;

  constructor(zookeeper: string) {
    this.#zookeeper = zookeeper;
  }

  async read(): Promise<SeenChain> {
    const session = await this.session();
    const joining = await session.children('/chain-joining');
    const children = await session.children('/chain');
    const servers: SeenServer[] = [];
    for (const name of children?.names ?? []) {
      const node = await session.getData(`/chain/${name}`);
      if (node !== undefined)
        servers.push({ name, address: Buffer.from(node.data).toString(), session: node.owner });
    }
    const data = await session.getData('/chain');
    const text = Buffer.from(data?.data ?? []).toString();
    const record = text === '' ? undefined : (JSON.parse(text) as MembershipRecord);
    const members = (record?.members ?? []).flatMap(({ id }) =>
      servers.filter(({ name }) => Number(name.slice('node'.length)) === id).map(({ address }) => address),
    );
    return { servers, members, joining: joining?.names.length ?? 0 };
  }

  /** Waits until `check` accepts the chain. */
  async until(
    check: (chain: SeenChain) => boolean,
    options: { readonly deadlineMs: number; readonly what: string },
  ): Promise<SeenChain> {
    let last: SeenChain | undefined;
    try {
      return await eventually(async () => {
        last = await this.read();
        return check(last) ? last : undefined;
      }, options);
    } catch (error) {
      throw new Error(`${(error as Error).message}; the chain is ${JSON.stringify(last)}`, { cause: error });
    }
  }

  /** Waits until no znode in `/chain` belongs to the session: it has expired, or its server has left. */
  async sessionGone(session: string, deadlineMs: number): Promise<SeenChain> {
    return this.until(({ servers }) => servers.every((server) => server.session !== session), {
      deadlineMs,
      what: `the end of session ${session}`,
    });
  }

  /** The session, for direct access to ZooKeeper. It is connected unless it has just been lost. */
  async session(): Promise<ZooKeeperSession> {
    this.#session ??= this.#open();
    const session = await this.#session;
    await withDeadline(session.connectedOrEnded(), connectDeadlineMs, 'a connection to ZooKeeper');
    return session;
  }

  /** Call this after ZooKeeper has lost its data: the session is invalid, but ZooKeeper does not report that. */
  async forget(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await (await session?.catch(() => undefined))?.close();
  }

  async close(): Promise<void> {
    await this.forget();
  }

  #open(): Promise<ZooKeeperSession> {
    const opening = ZooKeeperSession.open({
      servers: this.#zookeeper,
      sessionTimeoutMs,
      connectDeadlineMs,
      callTimeoutMs,
    });
    const forget = () => {
      if (this.#session === opening) this.#session = undefined;
    };
    opening.then((session) => session.ended.then(forget), forget);
    return opening;
  }
}
