import { errorText } from '@tablelab/shared';

export interface RepeatedReadOptions<T> {
  /** What is read, for the log. */
  readonly what: string;
  /**
   * Reads, and leaves one-shot watches that call `changed`. Undefined: it was outdated before it was whole, and has to be
   * read again.
   */
  readonly read: (changed: () => void) => Promise<T | undefined>;
  /** May throw: that is logged, and the next change is told all the same. */
  readonly listener: (value: T) => void;
  readonly isConnected: () => boolean;
  /** How long to wait after a read that failed although there is a connection. */
  readonly retryMs: number;
  readonly log: (message: string) => void;
  readonly stopped: () => void;
}

/**
 * Follows something in ZooKeeper. Its watches fire once and say nothing but that something has changed: so each read sets
 * them again, and what happens between the event and the read is in what is read.
 *
 * Invariant: while connected and not stopped there is a watch set, a read under way, or a retry due.
 */
export class RepeatedRead<T> {
  readonly #options: RepeatedReadOptions<T>;
  /** One function for all reads: the library keeps each function it has not seen before, and calls them all. */
  readonly #changed = (): void => this.refresh();
  #reading = false;
  #readAgain = false;
  #stopped = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: RepeatedReadOptions<T>) {
    this.#options = options;
  }

  /** To be called when the watch fires and after each reconnect. While a read is under way, one more is noted. */
  refresh(): void {
    if (this.#stopped) return;
    this.#readAgain = true;
    if (!this.#reading) void this.#readWhileAsked();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#options.stopped();
  }

  async #readWhileAsked(): Promise<void> {
    this.#reading = true;
    clearTimeout(this.#retry);
    while (this.#readAgain && !this.#stopped) {
      this.#readAgain = false;
      try {
        const value = await this.#options.read(this.#changed);
        if (value === undefined) this.#readAgain = true;
        else if (!this.#stopped) this.#tell(value);
      } catch (error) {
        this.#failed(error);
      }
    }
    this.#reading = false;
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
    const { what, isConnected, retryMs, log } = this.#options;
    if (this.#stopped || !isConnected()) return;
    log(`cannot read ${what}: ${errorText(error)}`);
    this.#retry = setTimeout(this.#changed, retryMs);
  }
}
