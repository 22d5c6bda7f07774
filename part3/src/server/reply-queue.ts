import { errorReply, FrameBatch, type Reply } from '@tablelab/part2';
import { assert, TableError } from '@tablelab/shared';

/** Replies with content up to this size, in bytes, need no memory check; they are counted with the next flush. */
const smallContentBytes = 512;

/** One request's slot in the order of the replies. */
export interface ReplySlot {
  reply: Reply | undefined;
}

/**
 * Puts replies, which may become ready in any order, into the order of their requests, and gathers those that are due
 * into one batch of bytes. Invariant: the first slot has no reply; every reply that is due is in the batch.
 */
export class ReplyQueue {
  readonly #slots: ReplySlot[] = [];
  readonly #batch: FrameBatch;
  readonly #makeRoom: () => boolean;

  /** `makeRoom` says whether there is memory for a reply with content. */
  constructor({ payloadBytesMax, makeRoom }: { payloadBytesMax: number; makeRoom: () => boolean }) {
    this.#batch = new FrameBatch({ payloadBytesMax });
    this.#makeRoom = makeRoom;
  }

  /** How many requests have no reply yet, or wait for that of an earlier one. */
  get unanswered(): number {
    return this.#slots.length;
  }

  /** How many bytes {@link take} would give. */
  get dueBytes(): number {
    return this.#batch.bytes;
  }

  /** The slot of the next request; {@link settle} it later. */
  add(): ReplySlot {
    const slot: ReplySlot = { reply: undefined };
    this.#slots.push(slot);
    return slot;
  }

  /** The reply to the newest request, when no earlier one waits for its reply: it needs no slot. */
  append(reply: Reply): void {
    assert(this.#slots.length === 0, 'no earlier request is without a reply');
    this.#append(reply);
  }

  settle(slot: ReplySlot, reply: Reply): void {
    slot.reply = reply;
    for (let due = this.#slots[0]?.reply; due !== undefined; due = this.#slots[0]?.reply) {
      this.#slots.shift();
      this.#append(due);
    }
  }

  /** The frames that are due. */
  take(): Uint8Array {
    return this.#batch.take();
  }

  /** A reply that is too long, or for which there is no memory, gives way to an error that says so. */
  #append(reply: Reply): void {
    try {
      if (isLarge(reply) && !this.#makeRoom()) {
        throw new TableError('BUSY', 'the server holds too many replies that clients have not read');
      }
      this.#batch.append(reply);
    } catch (error) {
      this.#batch.append(errorReply(error));
    }
  }
}

/** Keys count as large however few they are: only a look at each would tell their size. */
function isLarge({ data, keys, encodedKeys }: Reply): boolean {
  if (encodedKeys !== undefined) return true;
  return data === undefined ? keys !== undefined && keys.length > 0 : data.length > smallContentBytes;
}
