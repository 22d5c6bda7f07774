import { TableError } from '@tablelab/shared';
import type { MembershipRecord } from '../../core/membership-record.ts';
import type { ServerEntry, View } from '../../core/view.ts';
import type { Clock, CoordinationSession } from '../../ports.ts';
import { recordFromBytes, serverOfChild } from './chain-json.ts';
import { chainPaths } from './chain-session.ts';
import { NumberedChildren } from './numbered-children.ts';
import { RepeatedRead } from './repeated-read.ts';

export interface ChainDirectoryOptions {
  /** Default: `/chain` */
  readonly path?: string;
  readonly clock: Clock;
  readonly log?: (message: string) => void;
}

/** A client's view while there is no `/chain`, which only servers create. */
const noChain: ChainView = { version: -1, servers: [] };

/** A view, and what the membership record said when it was read, right after the view. */
export interface ChainView extends View {
  /** Absent where there is no record; `unreadable` where somebody has written something else over it. */
  readonly record?: Pick<MembershipRecord, 'chain' | 'view'> | 'unreadable';
}

/**
 * A client's view of the chain (assignment part 4): `/chain` and its children `node<10 digits>`, the servers, each with
 * its `ip:port` as data. Belongs to one session, and only reads.
 *
 * Invariant: views are reported by rising version, and each contains every child of that version whose data is an
 * address. A view is told again when the record has changed.
 */
export class ChainDirectory {
  readonly #session: CoordinationSession;
  readonly #path: string;
  readonly #options: ChainDirectoryOptions;
  readonly #servers: NumberedChildren<ServerEntry>;

  constructor(session: CoordinationSession, options: ChainDirectoryOptions) {
    const { path = chainPaths.chain, log = () => undefined } = options;
    this.#session = session;
    this.#path = path;
    this.#options = options;
    this.#servers = new NumberedChildren({ session, path, log }, serverOfChild);
  }

  /**
   * Follows the chain until the session ends. Resolves with the first view, which has version -1 and no servers if
   * there is no such znode; each newer one goes to `onView`.
   *
   * @throws TableError UNREACHABLE: the session was lost or ended before the first view.
   */
  async watch(onView: (view: ChainView) => void): Promise<ChainView> {
    const first = Promise.withResolvers<ChainView>();
    let told: string | undefined;
    const { clock, log = () => undefined } = this.#options;
    new RepeatedRead({
      session: this.#session,
      clock,
      retryMs: this.#session.sessionTimeoutMs,
      log,
      what: this.#path,
      read: (changed) => this.#read(changed),
      listener: (view: ChainView) => {
        const isFirst = told === undefined;
        // After a reconnect the same view may be read again.
        const news = JSON.stringify([view.version, view.record]);
        if (news === told) return;
        told = news;
        if (isFirst) first.resolve(view);
        else onView(view);
      },
    });
    void this.#session.ended.then((end) =>
      first.reject(new TableError('UNREACHABLE', `no view of ${this.#path}: ${end.detail}`)),
    );
    return first.promise;
  }

  /** The chain as the answering ZooKeeper server knows it now; never older than this session's last write. */
  async readView(): Promise<View> {
    for (;;) {
      const list = await this.#servers.list(undefined);
      if (list === 'absent') return noChain;
      if (list !== 'outdated') return { version: list.version, servers: list.items };
    }
  }

  async #read(changed: () => void): Promise<ChainView | undefined> {
    const list = await this.#servers.list(changed);
    if (list === 'absent') return (await this.#session.exists(this.#path, changed)) ? undefined : noChain;
    const node = await this.#session.getData(this.#path, changed);
    if (list === 'outdated' || node === undefined) return undefined;
    const view = { version: list.version, servers: list.items };
    const record = recordIn(node.data);
    return record === undefined ? view : { ...view, record };
  }
}

function recordIn(data: Uint8Array): ChainView['record'] {
  try {
    const record = recordFromBytes(data);
    return record && { chain: record.chain, view: record.view };
  } catch {
    // The servers log a warning about it.
    return 'unreadable';
  }
}
