import { errorText } from '@tablelab/shared';
import { nodeClock } from '../adapters/node/node-clock.ts';
import { ChainDirectory } from '../adapters/zookeeper/chain-directory.ts';
import { ZooKeeperSession } from '../adapters/zookeeper/zookeeper-session.ts';
import type { View } from '../core/view.ts';

export interface ViewSourceOptions {
  /** ZooKeeper's servers: `host:port`, several with commas between. */
  readonly zookeeper: string;
  readonly sessionTimeoutMs: number;
  readonly connectDeadlineMs: number;
  /** Gets each new view, and an empty one where there is no chain yet. */
  readonly onView: (view: View) => void;
  /** What happens to the session with ZooKeeper, for a person to read. */
  readonly log: (message: string) => void;
}

/** How long to wait before the next session is tried when one has ended, in milliseconds. */
const reopenDelayMs = 200;

/** Until ZooKeeper has answered one call, in milliseconds: one that has just started takes its time. */
const callTimeoutMs = 10_000;

/**
 * The view of the chain as a client sees it, followed for as long as the client lives: when a session with ZooKeeper
 * ends, another one is opened, and until then the last view stands.
 */
export class ViewSource {
  readonly #options: ViewSourceOptions;
  readonly #stop = new AbortController();
  #session: ZooKeeperSession | undefined;
  #reopen: NodeJS.Timeout | undefined;
  #hasView = false;

  private constructor(options: ViewSourceOptions) {
    this.#options = options;
  }

  /** Resolves once there is a session. @throws TableError UNREACHABLE when ZooKeeper does not answer in time */
  static async open(options: ViewSourceOptions): Promise<ViewSource> {
    const source = new ViewSource(options);
    await source.#follow();
    return source;
  }

  /** No view is told any more. */
  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#reopen);
    await this.#session?.close();
  }

  async #follow(): Promise<void> {
    const { zookeeper, sessionTimeoutMs, connectDeadlineMs, log } = this.#options;
    const { signal } = this.#stop;
    const session = await ZooKeeperSession.open({
      servers: zookeeper,
      sessionTimeoutMs,
      connectDeadlineMs,
      // Nothing in ZooKeeper belongs to this session, so nothing is lost with it; and if ZooKeeper has lost its data,
      // only a new session sees the chain again.
      giveUpMs: sessionTimeoutMs,
      callTimeoutMs,
      stop: signal,
      log,
    });
    this.#session = session;
    if (signal.aborted) return await session.close();
    const tell = (view: View) => this.#tell(view);
    // Where it fails the session has ended, and another one follows.
    new ChainDirectory(session, { clock: nodeClock, log })
      .watch(tell)
      .then(tell, (error) => log(errorText(error)));
    void session.ended.then((end) => this.#followAgain(`the session has ended: ${end.detail}`));
  }

  #tell(view: View): void {
    if (this.#stop.signal.aborted) return;
    // Where the chain's znode is gone, ZooKeeper has lost its data, and the servers may be as they were.
    const isAbsent = view.version < 0;
    if (isAbsent && this.#hasView) return;
    this.#hasView = !isAbsent;
    this.#options.onView(view);
  }

  #followAgain(detail: string): void {
    if (this.#stop.signal.aborted) return;
    this.#options.log(`ZooKeeper: ${detail}; opening another session`);
    this.#reopen = setTimeout(() => {
      this.#follow().catch((error) => this.#followAgain(errorText(error)));
    }, reopenDelayMs);
  }
}
