import { errorText } from '@tablelab/shared';
import type { Clock, CoordinationSession, Timer } from '../../ports.ts';

export interface RepeatedReadOptions<T> {
  readonly session: Pick<CoordinationSession, 'isConnected' | 'onConnected' | 'ended'>;
  readonly clock: Clock;
  /** What is read, for the log. */
  readonly what: string;
  /**
   * Reads, and leaves one-shot watches that call `changed`. Undefined: the data changed during the read, and is read
   * again.
   */
  readonly read: (changed: () => void) => Promise<T | undefined>;
  /** May throw: the error is logged, and later changes are still reported. */
  readonly listener: (value: T) => void;
  /** The pause after a read that failed despite a connection, in milliseconds. */
  readonly retryMs: number;
  readonly log: (message: string) => void;
}

/**
 * Follows data in ZooKeeper while a session lasts. Watches fire once, and say only that something has changed. So each
 * read sets them again, and includes any change between the event and the read. Several quick changes may be reported
 * as one; the last state is always reported.
 *
 * Invariant: while connected and not stopped, a watch is set, a read is under way, or a retry is due.
 */
export class RepeatedRead<T> {
  readonly #options: RepeatedReadOptions<T>;
  /** One function for all reads: ZooKeeper's client keeps every distinct function, and calls them all. */
  readonly #changed = (): void => this.refresh();
  #isReading = false;
  #isReadDue = false;
  #isStopped = false;
  #retry: Timer | undefined;

  /** Begins to read at once, or with the next connection. */
  constructor(options: RepeatedReadOptions<T>) {
    this.#options = options;
    const { session } = options;
    // The watches may have been lost with the old connection.
    session.onConnected(this.#changed);
    void session.ended.then(() => this.stop());
    if (session.isConnected) this.refresh();
  }

  /** Reads again; if a read is under way, another one follows it. */
  refresh(): void {
    if (this.#isStopped) return;
    this.#isReadDue = true;
    if (!this.#isReading) void this.#readWhileDue();
  }

  stop(): void {
    this.#isStopped = true;
    this.#retry?.cancel();
  }

  async #readWhileDue(): Promise<void> {
    this.#isReading = true;
    this.#retry?.cancel();
    while (this.#isReadDue && !this.#isStopped) {
      this.#isReadDue = false;
      try {
        const value = await this.#options.read(this.#changed);
        if (value === undefined) this.#isReadDue = true;
        else if (!this.#isStopped) this.#tell(value);
      } catch (error) {
        this.#failed(error);
      }
    }
    this.#isReading = false;
  }

  #tell(value: T): void {
    const { what, listener, log } = this.#options;
    try {
      listener(value);
    } catch (error) {
      log(`a listener to ${what} threw: ${errorText(error)}`);
    }
  }

  /** Without a connection there is nothing to do: a reconnect triggers a read. */
  #failed(error: unknown): void {
    const { what, session, clock, retryMs, log } = this.#options;
    if (this.#isStopped || !session.isConnected) return;
    log(`cannot read ${what}: ${errorText(error)}`);
    this.#retry = clock.after(retryMs, this.#changed);
  }
}
