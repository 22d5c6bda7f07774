import { KeyListing, type ListedKeys } from '@tablelab/part2/key-listing';
import { errorReply, type Reply } from '@tablelab/part2/wire';
import { Deferred } from './deferred.ts';

/** An exception of `scan` becomes the answer to all waiting clients. */
export interface KeyListerParts extends ListedKeys {
  /** Calls `run` in a separate turn, after input that has arrived meanwhile. */
  readonly soon: (run: () => void) => void;
}

/**
 * Answers `getkeys`. A few keys are read at once, at one moment. Many keys are collected in short steps, one in each
 * turn of the event loop, for any number of clients: requests that arrive meanwhile share the next listing. A key that
 * exists all the time is listed once. A key that is added or removed meanwhile may be listed or not.
 */
export class KeyLister {
  readonly #parts: KeyListerParts;
  /** The clients that get the present listing, and those that asked since it began. */
  #takers: Deferred<Reply>[] = [];
  #waiting: Deferred<Reply>[] = [];
  #isAtWork = false;

  constructor(parts: KeyListerParts) {
    this.#parts = parts;
  }

  /** @throws TableError TOO_LARGE, at once, when the keys do not fit into a reply; what `scan` throws */
  list(): Reply | Deferred<Reply> {
    const listing = new KeyListing(this.#parts);
    const deferred = new Deferred<Reply>({ expectedBytes: this.#parts.keysBytes() });
    if (this.#isAtWork) {
      this.#waiting.push(deferred);
      return deferred;
    }
    const begun = listing.start();
    if (!(begun instanceof KeyListing)) return begun;
    this.#isAtWork = true;
    this.#takers = [deferred];
    this.#continue(begun);
    return deferred;
  }

  /** Without `listing`, begins the next one. */
  #continue(listing?: KeyListing): void {
    this.#parts.soon(() => {
      try {
        const current = listing ?? new KeyListing(this.#parts);
        const reply = current.step();
        if (reply === undefined) this.#continue(current);
        else this.#give(reply);
      } catch (error) {
        this.#give(errorReply(error));
      }
    });
  }

  /** One reply per turn, because copying a long one takes milliseconds. */
  #give(reply: Reply): void {
    this.#takers.shift()?.settle(reply);
    if (this.#takers.length > 0) return this.#parts.soon(() => this.#give(reply));
    this.#takers = this.#waiting;
    this.#waiting = [];
    this.#isAtWork = this.#takers.length > 0;
    if (this.#isAtWork) this.#continue();
  }
}
