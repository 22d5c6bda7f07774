import { errorText } from '@tablelab/shared';
import { Lease } from './lease.ts';
import type { ZooKeeperSession } from './zookeeper-session.ts';

/** So many heartbeats are sent in a session's time-out: six of them in the length of a lease. */
const heartbeatsPerSession = 8;

export interface LeaseKeeperOptions {
  readonly session: ZooKeeperSession;
  /** This server's own ephemeral znode. */
  readonly path: string;
  /** Milliseconds of a monotonic clock. Default: performance.now */
  readonly now?: () => number;
  readonly log?: (message: string) => void;
}

/**
 * Keeps a {@link Lease} by heartbeats: writes that also check that the server's own znode is still there. Reads and
 * pings would not do, a server of the ensemble that is cut off from the majority goes on answering them.
 *
 * Invariant: {@link isValid} compares the clock on every call. A timer would come too late: in a process that wakes from
 * a pause requests may be served before any timer has run.
 */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #lease: Lease;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #stopped = false;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
    const { sessionTimeoutMs, ended } = options.session;
    this.#lease = new Lease(sessionTimeoutMs);
    this.#now = options.now ?? (() => performance.now());
    // Not one after the other: one that is held up must not hold up the next. Each has the call's deadline.
    this.#timer = setInterval(() => void this.heartbeat(), sessionTimeoutMs / heartbeatsPerSession);
    void ended.then(() => this.stop());
    void this.heartbeat();
  }

  /** Whether this server may act as head or tail at this very moment. */
  isValid(): boolean {
    return this.#lease.validAt(this.#now());
  }

  /** Sends one now, without waiting for the next due; resolves to whether ZooKeeper has confirmed it. Never rejects. */
  async heartbeat(): Promise<boolean> {
    const { session, path, log } = this.#options;
    if (this.#stopped || !session.isConnected) return false;
    const sentAt = this.#now();
    try {
      const outcome = await session.transaction([{ op: 'check', path }]);
      if (!outcome.committed) {
        log?.(`the znode ${path} is gone: the lease is over`);
        this.stop();
      } else if (!this.#stopped) {
        this.#lease.confirmed(sentAt);
        return true;
      }
    } catch (error) {
      log?.(`no heartbeat: ${errorText(error)}`);
    }
    return false;
  }

  /** Ends the lease at once and for good. */
  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#lease.revoke();
  }
}
