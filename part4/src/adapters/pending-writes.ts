import { Deferred } from '@tablelab/part3/deferred';
import { must } from '@tablelab/shared';
import { isConditional, noEntry, type TableEntry } from '../core/condition.ts';
import type { ChainEvent, Refusal, RequestToken, WriteReply } from '../core/effects.ts';
import type { WriteRequest } from '../core/update.ts';
import type { Clock, Timer } from '../ports.ts';

type WriteEvent = Extract<ChainEvent, { type: 'write' }>;

export interface PendingWritesOptions {
  readonly clock: Clock;
  /** How long a write may wait for room and for its answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Why the core would refuse this write now, and whether the write may wait. `entry`: see the event `write`. */
  readonly refusal: (write: WriteRequest, entry: TableEntry) => Refusal | undefined;
  /** What the executed table holds under the key of a write. */
  readonly entryOf: (write: WriteRequest) => TableEntry;
  readonly submit: (event: WriteEvent) => void;
  /** Called when admitting a write has failed because of a bug: the server must not go on. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * How often the writes that wait for room are checked, in milliseconds. No event reports the end of a lease, after
 * which these writes must be refused, so that their clients try another server.
 */
const lookMs = 100;

/** A client's write without an answer. */
interface PendingWrite {
  readonly write: WriteRequest;
  readonly ack: 'assigned' | 'committed';
  readonly deadline: number;
  /** Whether the write has been passed to the core. */
  isAdmitted: boolean;
  reply: WriteReply | undefined;
  /** The promised reply, if the write could not be answered at once. */
  pending: Deferred<WriteReply> | undefined;
}

/**
 * Clients' writes that have no answer yet. They wait in order of arrival until the core admits them, and then for their
 * answers; each gets exactly one, by its deadline. Their number is limited by the requests that each connection may
 * have pending.
 */
export class PendingWrites {
  readonly #options: PendingWritesOptions;
  /** In order of arrival, which is also the order of their deadlines: one timer is enough for all. */
  readonly #writes = new Map<RequestToken, PendingWrite>();
  /** Writes that wait to be admitted. */
  readonly #waiting = new Set<RequestToken>();
  #tokens = 0;
  #deadlineTimer: Timer | undefined;
  #lookTimer: Timer | undefined;
  #isAdmitting = false;
  #isClosed = false;

  constructor(options: PendingWritesOptions) {
    this.#options = options;
  }

  /**
   * Returns the reply, immediately if possible: `BUSY` if there was no room, `unknown` if there was no answer in time.
   */
  add(write: WriteRequest, ack: 'assigned' | 'committed'): WriteReply | Deferred<WriteReply> {
    if (this.#isClosed) return closedReply;
    const { clock, timeoutMs } = this.#options;
    const token = this.#tokens;
    this.#tokens += 1;
    const deadline = clock.now() + timeoutMs;
    const added: PendingWrite = {
      write,
      ack,
      deadline,
      isAdmitted: false,
      reply: undefined,
      pending: undefined,
    };
    this.#writes.set(token, added);
    this.#deadlineTimer ??= clock.after(timeoutMs, () => this.#expire());
    this.#waiting.add(token);
    this.admit();
    if (added.reply !== undefined) return added.reply;
    if (this.#waiting.size > 0) this.#lookTimer ??= clock.after(lookMs, () => this.#look());
    added.pending = new Deferred();
    return added.pending;
  }

  /** Passes to the core the writes that it has room for. Call this after each event that may have made room. */
  admit(): void {
    // Admitting a write is also an event, after which this is called again.
    if (this.#isAdmitting || this.#waiting.size === 0) return;
    this.#isAdmitting = true;
    try {
      this.#admitWhatFits();
    } catch (error) {
      this.#options.onFailed(error);
    } finally {
      this.#isAdmitting = false;
    }
  }

  reply(token: RequestToken, reply: WriteReply): void {
    const answered = this.#writes.get(token);
    if (answered === undefined) return;
    this.#writes.delete(token);
    if (answered.pending === undefined) answered.reply = reply;
    else answered.pending.settle(reply);
  }

  /** Answers all pending writes, and all that come later. */
  close(): void {
    this.#isClosed = true;
    this.#deadlineTimer?.cancel();
    this.#lookTimer?.cancel();
    for (const [token, { isAdmitted }] of [...this.#writes]) {
      this.reply(token, isAdmitted ? { type: 'unknown', detail: closedReply.detail } : closedReply);
    }
    this.#waiting.clear();
  }

  #admitWhatFits(): void {
    const { refusal: refusalOf, entryOf, submit } = this.#options;
    for (const token of this.#waiting) {
      const admitted = must(this.#writes.get(token), 'what waits is pending');
      const { write, ack } = admitted;
      // The table is read only where it matters.
      let entry = isConditional(write) ? entryOf(write) : noEntry;
      let refusal = refusalOf(write, entry);
      if (refusal?.code === 'FULL' || (refusal?.mayWait === true && write.op === 'put')) {
        // The write may replace a value of the same length.
        entry = entryOf(write);
        refusal = refusalOf(write, entry);
      }
      if (refusal?.mayWait === true) break;
      // If the core refuses for another reason, it gives the answer itself.
      this.#waiting.delete(token);
      admitted.isAdmitted = true;
      submit({ type: 'write', token, write, ack, entry });
    }
  }

  #look(): void {
    this.#lookTimer = undefined;
    this.admit();
    if (this.#waiting.size > 0) this.#lookTimer = this.#options.clock.after(lookMs, () => this.#look());
  }

  #expire(): void {
    const { clock, timeoutMs } = this.#options;
    this.#deadlineTimer = undefined;
    for (const [token, { deadline, isAdmitted }] of this.#writes) {
      const leftMs = deadline - clock.now();
      if (leftMs > 0) {
        this.#deadlineTimer = clock.after(leftMs, () => this.#expire());
        return;
      }
      this.#waiting.delete(token);
      this.reply(token, isAdmitted ? unansweredReply(timeoutMs) : noRoomReply(timeoutMs));
    }
  }
}

const closedReply = {
  type: 'refused',
  code: 'SHUTTING_DOWN',
  detail: 'this server is shutting down',
} as const;

function noRoomReply(timeoutMs: number): WriteReply {
  const detail = `the chain had no room for another write for ${timeoutMs} ms`;
  return { type: 'refused', code: 'BUSY', detail };
}

function unansweredReply(timeoutMs: number): WriteReply {
  const detail = `not all servers have executed this write after ${timeoutMs} ms`;
  return { type: 'unknown', detail };
}
