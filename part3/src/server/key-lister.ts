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
  /** One step of a walk (part 1's `scan`). Its exception becomes the answer to all waiting clients. */
  readonly scan: (from: number) => KeyPage;
  /** The approximate size of all keys in a message, in bytes. */
  readonly keysBytes: () => number;
  /** Calls `run` in a separate turn, after input that has arrived meanwhile. */
  readonly soon: (run: () => void) => void;
}

/** The number of steps done at once: enough for about a thousand keys. */
const stepsAtOnce = 4;

/** The largest size of the keys in one reply, in bytes. */
const keysBytesMax = defaultFrameBytesMax + replyHeadroomBytes;

/** The collected keys, for the reply. */
interface Listing {
  readonly encoded: Uint8Array[];
  bytes: number;
  from: number;
}

const emptyReply = { opcode: operations.getKeys.opcode + 1, c_type: operations.getKeys.reply };

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

  /** One reply per turn, because copying a long one takes milliseconds. */
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
