import type { KeyPage } from '@tablelab/part1';
import { TableError } from '@tablelab/shared';
import { defaultFrameBytesMax, replyHeadroomBytes } from '../wire/framing.ts';
import type { Reply } from '../wire/message.ts';
import { encodeKeys } from '../wire/message-codec.ts';
import { operations } from '../wire/operations.ts';

/** The number of steps done at once at the start: enough for about a thousand keys. */
const stepsAtOnce = 4;

/** The largest size of the keys in one reply, in bytes. */
const keysBytesMax = defaultFrameBytesMax + replyHeadroomBytes;

const emptyReply = { opcode: operations.getKeys.opcode + 1, c_type: operations.getKeys.reply };

/** The keys of a table, for a list of them all. */
export interface ListedKeys {
  /** One step of a walk (part 1's `scan`), for any number of keys. */
  scan(from: number): KeyPage;
  /** The approximate size of all keys in a message, in bytes. */
  keysBytes(): number;
}

/**
 * The reply to one `getkeys`, collected in short steps, between which the table may change. A key that exists all the time is
 * listed once; a key that is added or removed meanwhile may be listed or not.
 */
export class KeyListing {
  readonly #keys: ListedKeys;
  readonly #encoded: Uint8Array[] = [];
  #bytes = 0;
  #from = 0;

  /** @throws TableError TOO_LARGE, before a key is read, when the keys do not fit into a reply */
  constructor(keys: ListedKeys) {
    if (keys.keysBytes() > keysBytesMax) throw tooLarge();
    this.#keys = keys;
  }

  /** The reply, as of one moment, if there are few keys; otherwise this listing, to be continued by {@link step}. */
  start(): Reply | this {
    const few: string[] = [];
    for (let step = 0; step < stepsAtOnce; step += 1) {
      const page = this.#keys.scan(this.#from);
      few.push(...page.keys);
      this.#from = page.next;
      if (this.#from === 0) return { ...emptyReply, keys: few };
    }
    this.#add(few);
    return this;
  }

  /**
   * Reads about a thousand keys; returns the reply if these were the last.
   * @throws TableError TOO_LARGE when too many keys were added meanwhile; what `scan` throws
   */
  step(): Reply | undefined {
    const { keys, next } = this.#keys.scan(this.#from);
    this.#add(keys);
    this.#from = next;
    return next === 0 ? { ...emptyReply, encodedKeys: Buffer.concat(this.#encoded) } : undefined;
  }

  #add(keys: readonly string[]): void {
    const encoded = encodeKeys(keys);
    this.#encoded.push(encoded);
    this.#bytes += encoded.length;
    if (this.#bytes > keysBytesMax) throw tooLarge();
  }
}

function tooLarge(): TableError {
  return new TableError(
    'TOO_LARGE',
    `all keys take more than ${keysBytesMax} bytes: OP_SCAN brings some at a time`,
  );
}
