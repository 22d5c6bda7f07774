import type { KeyPage } from '@tablelab/part1';
import {
  defaultFrameBytesMax,
  encodeKeys,
  errorReply,
  operations,
  type Reply,
  replyHeadroomBytes,
} from '@tablelab/part2';
import { TableError } from '@tablelab/shared';
import { Deferred } from './deferred.ts';

export interface KeyListerParts {
  /** One step of a walk (part 1's `scan`). What it throws is the answer to all who wait. */
  readonly scan: (from: number) => KeyPage;
  /** What all keys take in a message, more or less, in bytes. */
  readonly keysBytes: () => number;
  /** Calls `run` in a turn of its own, after what has come in meanwhile. */
  readonly soon: (run: () => void) => void;
}

/** So many steps are done at once, without a look at anything else: enough for about a thousand keys. */
const stepsAtOnce = 4;

/** What the keys of one reply may take, in bytes. */
const keysBytesMax = defaultFrameBytesMax + replyHeadroomBytes;

/** Keys that are being gathered, as they will stand in the reply. */
interface Listing {
  readonly encoded: Uint8Array[];
  bytes: number;
  from: number;
}

const emptyReply = { opcode: operations.getKeys.opcode + 1, c_type: operations.getKeys.reply };

/**
 * Answers `getkeys`. A few keys are read at once, as they are at one moment. Many are gathered in short steps, one in each turn
 * of the event loop, however many clients ask: those who ask meanwhile share the next listing. A key that is there all the
 * time is in it once. One that comes or goes meanwhile may be in it, or not.
 */
export class KeyLister {
  readonly #parts: KeyListerParts;
  /** Who gets the listing that is being gathered, and who asked since it began. */
  #takers: Deferred<Reply>[] = [];
  #waiting: Deferred<Reply>[] = [];
  #isAtWork = false;

  constructor(parts: KeyListerParts) {
    this.#parts = parts;
  }

  /** @throws TableError TOO_LARGE, at once, when the keys do not fit into a reply; what `scan` throws */
  list(): Reply | Deferred<Reply> {
    const bytes = this.#parts.keysBytes();
    if (bytes > keysBytesMax) throw tooLarge();
    const deferred = new Deferred<Reply>();
    if (this.#isAtWork) {
      this.#waiting.push(deferred);
      return deferred;
    }
    const few: string[] = [];
    let from = 0;
    for (let step = 0; step < stepsAtOnce; step += 1) {
      const page = this.#parts.scan(from);
      few.push(...page.keys);
      from = page.next;
      if (from === 0) return { ...emptyReply, keys: few };
    }
    const encoded = encodeKeys(few);
    this.#takers = [deferred];
    this.#continue({ encoded: [encoded], bytes: encoded.length, from });
    return deferred;
  }

  #continue(listing: Listing): void {
    this.#isAtWork = true;
    this.#parts.soon(() => {
      let reply: Reply;
      try {
        if (!this.#step(listing)) return this.#continue(listing);
        reply = replyOf(listing);
      } catch (error) {
        reply = errorReply(error);
      }
      this.#give(reply);
    });
  }

  /** One reply a turn: to copy a long one takes milliseconds. */
  #give(reply: Reply): void {
    this.#takers.shift()?.settle(reply);
    if (this.#takers.length > 0) return this.#parts.soon(() => this.#give(reply));
    this.#takers = this.#waiting;
    this.#waiting = [];
    if (this.#takers.length > 0) this.#continue({ encoded: [], bytes: 0, from: 0 });
    else this.#isAtWork = false;
  }

  /** Whether these were the last keys. */
  #step(listing: Listing): boolean {
    const { keys, next } = this.#parts.scan(listing.from);
    const encoded = encodeKeys(keys);
    listing.encoded.push(encoded);
    listing.bytes += encoded.length;
    if (listing.bytes > keysBytesMax) throw tooLarge();
    listing.from = next;
    return next === 0;
  }
}

function replyOf({ encoded }: Listing): Reply {
  return { ...emptyReply, encodedKeys: Buffer.concat(encoded) };
}

function tooLarge(): TableError {
  return new TableError(
    'TOO_LARGE',
    `all keys take more than ${keysBytesMax} bytes: OP_SCAN brings some at a time`,
  );
}
