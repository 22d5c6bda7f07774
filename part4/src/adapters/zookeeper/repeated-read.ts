import { errorText } from '@tablelab/shared';
import type { Clock, CoordinationSession, Timer } from '../../ports.ts';

export interface RepeatedReadOptions<T> {
  readonly session: Pick<CoordinationSession, 'isConnected' | 'onConnected' | 'ended'>;
  readonly clock: Clock;
  /** What is read, for the log. */
  readonly what: string;
  /**
   * Reads, and leaves one-shot watches that call `changed`. Undefined: it was outdated before it was whole, and is read
   * again.
   */
  readonly read: (changed: () => void) => Promise<T | undefined>;
  /** May throw: that is logged, and the next change is told all the same. */
  readonly listener: (value: T) => void;
  /** How long to wait after a read that failed although there is a connection, in milliseconds. */
  readonly retryMs: number;
  readonly log: (message: string) => void;
}

/**
 * Follows something in ZooKeeper for as long as a session lasts. Its watches fire once, and say nothing but that something
 * has changed: so each read sets them again, and a change between the event and the read is in what is read. What changes
 * in quick succession may be told as one; the last state is always told.
 *
 * Invariant: while connected and not stopped there is a watch set, a read under way, or a retry due.
 */
export class RepeatedRead<T> {
  readonly #options: RepeatedReadOptions<T>;
  /** One function for all reads: ZooKeeper's client keeps each function that it has not seen before, and calls them all. */
  readonly #changed = (): void => this.refresh();
  #isReading = false;
  #isReadDue = false;
  #isStopped = false;
  #retry: Timer | undefined;

  /** Begins to read at once, or with the next connection. */
  constructor(options: RepeatedReadOptions<T>) {
    this.#options = options;
    const { session } = options;
    // The watches may have gone with the old connection.
    session.onConnected(this.#changed);
    void session.ended.then(() => this.stop());
    if (session.isConnected) this.refresh();
  }

  /** Reads anew; while a read is under way, one more follows it. */
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

  /** Without a connection there is nothing to do: the reconnect asks for a read. */
  #failed(error: unknown): void {
    const { what, session, clock, retryMs, log } = this.#options;
    if (this.#isStopped || !session.isConnected) return;
    log(`cannot read ${what}: ${errorText(error)}`);
    this.#retry = clock.after(retryMs, this.#changed);
  }
}
