import { errorText } from '@tablelab/shared';
import type { Children } from './zookeeper-session.ts';

export interface ChildrenWatchOptions<T> {
  readonly path: string;
  /** Lists the children and leaves a one-shot watch that calls `changed`. */
  readonly list: (changed: () => void) => Promise<Children | undefined>;
  /** Makes of the list what is told; undefined when that is outdated meanwhile, and the list has to be read again. */
  readonly resolve: (children: Children) => Promise<T | undefined>;
  /** May throw: that is logged, and the next change is told all the same. */
  readonly listener: (resolved: T) => void;
  readonly isConnected: () => boolean;
  /** How long to wait after a read that failed although there is a connection. */
  readonly retryMs: number;
  readonly log: (message: string) => void;
  readonly stopped: () => void;
}

/**
 * Follows the children of one znode. ZooKeeper's watches fire once and say nothing but that something has changed: so
 * each read sets the watch again, and what happens between the event and the read is in what is read.
 *
 * Invariant: while connected and not stopped there is a watch set, a read under way, or a retry due.
 */
export class ChildrenWatch<T> {
  readonly #options: ChildrenWatchOptions<T>;
  /** One function for all reads: the library keeps each function it has not seen before, and calls them all. */
  readonly #changed = (): void => this.refresh();
  #reading = false;
  #readAgain = false;
  #stopped = false;
  #retry: NodeJS.Timeout | undefined;
  /** What has been told last; the same version again (after a reconnect) is no news. */
  #toldVersion: number | undefined;

  constructor(options: ChildrenWatchOptions<T>) {
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
        await this.#read();
      } catch (error) {
        this.#failed(error);
      }
    }
    this.#reading = false;
  }

  async #read(): Promise<void> {
    const { path, list, resolve } = this.#options;
    const children = await list(this.#changed);
    if (children === undefined) throw new Error(`${path} is absent`);
    if (children.version === this.#toldVersion) return;
    const resolved = await resolve(children);
    if (resolved === undefined) {
      this.#readAgain = true;
    } else if (!this.#stopped) {
      this.#toldVersion = children.version;
      this.#tell(resolved);
    }
  }

  #tell(resolved: T): void {
    const { path, listener, log } = this.#options;
    try {
      listener(resolved);
    } catch (error) {
      log(`a listener to the children of ${path} threw: ${errorText(error)}`);
    }
  }

  /** Without a connection there is nothing to do: the reconnect asks for a read. */
  #failed(error: unknown): void {
    const { path, isConnected, retryMs, log } = this.#options;
    if (this.#stopped || !isConnected()) return;
    log(`cannot read the children of ${path}: ${errorText(error)}`);
    this.#retry = setTimeout(this.#changed, retryMs);
  }
}
