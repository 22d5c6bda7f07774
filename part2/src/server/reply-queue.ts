import { assert, TableError } from '@tablelab/shared';
import { errorReply } from '../wire/error-reply.ts';
import { FrameBatch } from '../wire/frame-batch.ts';
import type { Reply } from '../wire/message.ts';

/** Content up to here is let in without a look at the memory, and counted with the next flush, in bytes. */
const smallContentBytes = 512;

/** The place of one request's reply among the others. */
export interface ReplySlot {
  reply: Reply | undefined;
}

/**
 * Puts replies, which may become ready in any order, into the order of their requests, and gathers those that are due
 * into one batch of bytes. Invariant: the first slot has no reply; whatever is due is in the batch.
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

  /** The next request's place; {@link settle} it later. */
  add(): ReplySlot {
    const slot: ReplySlot = { reply: undefined };
    this.#slots.push(slot);
    return slot;
  }

  /** The reply to a request that came behind all others, without a place for it: none of them waits. */
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

/** Keys are, however few: their lengths are not known without a look at each. */
function isLarge({ data, keys }: Reply): boolean {
  return data === undefined ? keys !== undefined && keys.length > 0 : data.length > smallContentBytes;
}
