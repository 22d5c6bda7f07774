import { errorText } from '@tablelab/shared';
import { ChainDirectory } from '../adapters/zookeeper/chain-directory.ts';
import { ZooKeeperSession } from '../adapters/zookeeper/zookeeper-session.ts';
import type { View } from '../core/view.ts';

export interface ViewSourceOptions {
  /** ZooKeeper's servers: `host:port`, several with commas between. */
  readonly zookeeper: string;
  readonly sessionTimeoutMs: number;
  readonly connectDeadlineMs: number;
  /** What happens to the session with ZooKeeper, for a person to read. */
  readonly log: (message: string) => void;
}

/** How long to wait before the next session is tried when one has ended, in milliseconds. */
const reopenDelayMs = 200;

/**
 * The view of the chain as a client sees it, followed for as long as the client lives: when a session with ZooKeeper
 * ends, another one is opened, and until then the last view stands.
 */
export class ViewSource {
  readonly #options: ViewSourceOptions;
  readonly #waiters = new Set<() => void>();
  #session: ZooKeeperSession | undefined;
  #view: View = { version: -1, servers: [] };
  #isClosed = false;
  #reopen: NodeJS.Timeout | undefined;

  private constructor(options: ViewSourceOptions) {
    this.#options = options;
  }

  /** Resolves with the first view. @throws TableError UNREACHABLE or TIMEOUT when ZooKeeper does not answer. */
  static async open(options: ViewSourceOptions): Promise<ViewSource> {
    const source = new ViewSource(options);
    try {
      await source.#follow();
    } catch (error) {
      await source.close();
      throw error;
    }
    return source;
  }

  get view(): View {
    return this.#view;
  }

  /** Resolves once another view than `view` holds, or after `timeoutMs`, or with {@link close}. */
  changed(view: View, timeoutMs: number): Promise<void> {
    if (this.#view !== view) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiters.delete(end);
        resolve();
      };
      const timer = setTimeout(end, timeoutMs);
      this.#waiters.add(end);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#reopen);
    for (const wake of [...this.#waiters]) wake();
    await this.#session?.close();
  }

  async #follow(): Promise<void> {
    const { zookeeper, sessionTimeoutMs, connectDeadlineMs, log } = this.#options;
    const session = await ZooKeeperSession.open({
      servers: zookeeper,
      sessionTimeoutMs,
      connectDeadlineMs,
      callTimeoutMs: connectDeadlineMs,
      log,
    });
    this.#session = session;
    if (this.#isClosed) return session.close();
    const adopt = (view: View) => {
      if (this.#session !== session) return;
      this.#view = view;
      for (const wake of [...this.#waiters]) wake();
    };
    try {
      adopt(await new ChainDirectory(session, { log }).watch(adopt));
    } catch (error) {
      // Disowned first, so that its end is nobody's business any more.
      this.#session = undefined;
      await session.close();
      throw error;
    }
    void session.ended.then((end) => {
      if (this.#session === session && !this.#isClosed)
        this.#followAgain(`the session has ended: ${end.detail}`);
    });
  }

  #followAgain(detail: string): void {
    this.#options.log(`ZooKeeper: ${detail}; opening another session`);
    this.#session = undefined;
    this.#reopen = setTimeout(() => {
      this.#follow().catch((error) => {
        if (!this.#isClosed) this.#followAgain(errorText(error));
      });
    }, reopenDelayMs);
  }
}
