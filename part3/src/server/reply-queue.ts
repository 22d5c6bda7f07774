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
  #waitingBytes = 0;

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

  /** The size of the content of replies that wait for an earlier one. */
  get waitingBytes(): number {
    return this.#waitingBytes;
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
    this.#addToBatch(this.#admitted(reply));
  }

  settle(slot: ReplySlot, reply: Reply): void {
    // Its connection is gone.
    if (this.#slots.length === 0) return;
    slot.reply = this.#admitted(reply);
    this.#waitingBytes += largeBytes(slot.reply);
    for (let due = this.#slots[0]?.reply; due !== undefined; due = this.#slots[0]?.reply) {
      this.#slots.shift();
      this.#waitingBytes -= largeBytes(due);
      this.#addToBatch(due);
    }
  }

  /** Forgets all replies: their connection is gone. */
  discard(): void {
    this.#slots.length = 0;
    this.#waitingBytes = 0;
    this.#batch.takeParts();
  }

  /** The frames that are due. */
  take(): readonly Uint8Array[] {
    return this.#batch.takeParts();
  }

  /** Replaces a reply for which there is no memory by an error. */
  #admitted(reply: Reply): Reply {
    const bytes = largeBytes(reply);
    if (bytes === 0 || this.#makeRoom(bytes)) return reply;
    return errorReply(new TableError('BUSY', 'the server holds too many replies that clients have not read'));
  }

  /** Replaces a reply that is too long by an error. */
  #addToBatch(reply: Reply): void {
    try {
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
