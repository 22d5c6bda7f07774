import { errorReply, FrameBatch, longContentBytes, type Reply } from '@tablelab/part2';
import { assert, TableError } from '@tablelab/shared';

/** Replies with content up to this size, in bytes, need no memory check; they are counted with the next flush. */
const smallContentBytes = 512;

/** One request's slot in the order of the replies. */
export interface ReplySlot {
  reply: Reply | undefined;
}

/**
 * Puts replies, which may become ready in any order, into the order of their requests, and collects the due ones in one
 * batch of bytes. Invariant: the first slot has no reply; every due reply is in the batch.
 */
export class ReplyQueue {
  readonly #slots: ReplySlot[] = [];
  readonly #batch: FrameBatch;
  readonly #makeRoom: (bytes: number) => boolean;

  /** `makeRoom` says whether there is memory for a reply with content. */
  constructor({
    payloadBytesMax,
    makeRoom,
  }: { payloadBytesMax: number; makeRoom: (bytes: number) => boolean }) {
    this.#batch = new FrameBatch({ payloadBytesMax, longBytesMin: longContentBytes });
    this.#makeRoom = makeRoom;
  }

  /** The number of requests without a reply, or whose reply waits for an earlier one. */
  get unanswered(): number {
    return this.#slots.length;
  }

  /** The number of bytes that {@link take} would return. */
  get dueBytes(): number {
    return this.#batch.bytes;
  }

  /** The slot of the next request; {@link settle} it later. */
  add(): ReplySlot {
    const slot: ReplySlot = { reply: undefined };
    this.#slots.push(slot);
    return slot;
  }

  /** Adds the reply to the newest request without a slot, if no earlier request is waiting for its reply. */
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
  take(): readonly Uint8Array[] {
    return this.#batch.takeParts();
  }

  /** Replaces a reply that is too long, or for which there is no memory, by an error. */
  #append(reply: Reply): void {
    try {
      const bytes = largeBytes(reply);
      if (bytes > 0 && !this.#makeRoom(bytes)) {
        throw new TableError('BUSY', 'the server holds too many replies that clients have not read');
      }
      this.#batch.append(reply);
    } catch (error) {
      this.#batch.append(errorReply(error));
    }
  }
}

/** What a large reply takes, in bytes, or 0. Keys are only guessed: computing their size would mean visiting each one. */
function largeBytes({ data, keys, encodedKeys }: Reply): number {
  if (encodedKeys !== undefined) return encodedKeys.length;
  if (data !== undefined) return data.length > smallContentBytes ? data.length : 0;
  return (keys?.length ?? 0) * smallContentBytes;
}
