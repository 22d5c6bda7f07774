import { errorText, TableError } from '@tablelab/shared';
import type { ZooKeeperSession } from './zookeeper-session.ts';

/**
 * Makes ephemeral sequential znodes, exactly one a call, even when ZooKeeper's answer is lost: what an unanswered
 * create became is found out once connected again, where a znode of this session that it has not been told of can only
 * be that one.
 *
 * Invariant: one create at a time, or the orphan of one could be adopted by another.
 */
export class SequentialCreator {
  readonly #session: ZooKeeperSession;
  readonly #log: (message: string) => void;
  /** What earlier calls have returned: never adopted. */
  readonly #known = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(session: ZooKeeperSession, log: (message: string) => void) {
    this.#session = session;
    this.#log = log;
  }

  create(prefix: string, data: Uint8Array): Promise<string> {
    const created = this.#last.then(() => this.#create(prefix, data));
    this.#last = created.catch(() => undefined);
    return created;
  }

  async #create(prefix: string, data: Uint8Array): Promise<string> {
    let path: string | undefined;
    try {
      path = await this.#make(prefix, data);
    } catch (error) {
      if (!(error instanceof TableError && error.mayHaveHappened)) throw error;
      this.#log(`${error.message}; finding out what became of it`);
      path = await this.#settle(prefix, data);
    }
    this.#known.add(path);
    return path;
  }

  async #make(prefix: string, data: Uint8Array): Promise<string> {
    const path = await this.#session.create(prefix, data, 'ephemeral-sequential');
    if (path === undefined)
      throw new TableError('INTERNAL', `create ${prefix}: the numbered name exists already`);
    return path;
  }

  /** Until the session has ended: with it goes whatever was made. */
  async #settle(prefix: string, data: Uint8Array): Promise<string> {
    for (;;) {
      const end = await this.#session.connectedOrEnded();
      if (end !== undefined) throw new TableError('UNREACHABLE', `create ${prefix}: ${end.detail}`);
      try {
        return (await this.#findOrphan(prefix)) ?? (await this.#make(prefix, data));
      } catch (error) {
        if (!(error instanceof TableError) || !lostAnswer.has(error.code)) throw error;
        this.#log(`create ${prefix}, once more: ${errorText(error)}`);
      }
    }
  }

  async #findOrphan(prefix: string): Promise<string | undefined> {
    const parent = prefix.slice(0, prefix.lastIndexOf('/')) || '/';
    // A write first: the server we have come to may lag behind the one that took the create, but has caught up when it
    // answers a later write of the same session.
    await this.#session.transaction([{ op: 'check', path: parent }]);
    const names = (await this.#session.children(parent))?.names ?? [];
    for (const name of names) {
      const path = parent === '/' ? `/${name}` : `${parent}/${name}`;
      if (!path.startsWith(prefix) || this.#known.has(path)) continue;
      if ((await this.#session.getData(path))?.owner === this.#session.sessionId) return path;
    }
    return undefined;
  }
}

/** Codes of calls that were lost on the way: worth repeating as long as the session lives. */
const lostAnswer: ReadonlySet<string> = new Set(['UNREACHABLE', 'TIMEOUT']);
