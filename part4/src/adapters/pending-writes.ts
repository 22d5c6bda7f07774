import { Deferred } from '@tablelab/part3';
import { must } from '@tablelab/shared';
import type { ChainEvent, Refusal, RequestToken, WriteReply } from '../core/effects.ts';
import type { WriteRequest } from '../core/update.ts';
import type { Clock, Timer } from '../ports.ts';

type WriteEvent = Extract<ChainEvent, { type: 'write' }>;

export interface PendingWritesOptions {
  readonly clock: Clock;
  /** How long a write may wait for room, or for its answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Why the core would not take this write now, and whether it may wait. `replacedBytes`: see the event `write`. */
  readonly refusal: (write: WriteRequest, replacedBytes: number) => Refusal | undefined;
  /** The logical bytes that the executed table holds under a key. */
  readonly logicalBytesOf: (key: string) => number;
  readonly submit: (event: WriteEvent) => void;
  /** Called when a bug was met as a write was admitted: the server must not go on. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * How often those that wait for room are looked at, in milliseconds. No event says that a lease has run out, and then
 * their clients are to look for another server.
 */
const lookMs = 100;

/** A client's write that has no answer. */
interface PendingWrite {
  readonly write: WriteRequest;
  readonly ack: 'assigned' | 'committed';
  readonly deadline: number;
  /** Whether the core has it. */
  isAdmitted: boolean;
  reply: WriteReply | undefined;
  /** Gets the reply of a write that could not be answered at once. */
  pending: Deferred<WriteReply> | undefined;
}

/**
 * Clients' writes that have no answer yet. In the order in which they came they wait for the core to admit them, and then
 * for their answers; each gets exactly one, by its deadline. Bounded by the requests that connections may have in hand.
 */
export class PendingWrites {
  readonly #options: PendingWritesOptions;
  /** In the order in which they came, which is that of their deadlines: one timer is enough for all. */
  readonly #writes = new Map<RequestToken, PendingWrite>();
  /** Those that wait to be admitted. */
  readonly #waiting = new Set<RequestToken>();
  #tokens = 0;
  #deadlineTimer: Timer | undefined;
  #lookTimer: Timer | undefined;
  #isAdmitting = false;
  #isClosed = false;

  constructor(options: PendingWritesOptions) {
    this.#options = options;
  }

  /** The reply, at once where that is possible: `BUSY` if there was no room, `unknown` if there was no answer in time. */
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

  /** Gives the core the writes that it has room for: to be called after each event that may have made some. */
  admit(): void {
    // To admit a write is an event, too, after which this is called again.
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

  /** Answers all that are pending, and all that come later. */
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
    const { refusal: refusalOf, logicalBytesOf, submit } = this.#options;
    for (const token of this.#waiting) {
      const admitted = must(this.#writes.get(token), 'what waits is pending');
      const { write, ack } = admitted;
      let replacedBytes = 0;
      let refusal = refusalOf(write, replacedBytes);
      if (refusal?.code === 'FULL' || (refusal?.mayWait === true && write.op === 'put')) {
        // Only where it decides is the table looked at: the write may replace a value that is as long.
        replacedBytes = logicalBytesOf(write.key);
        refusal = refusalOf(write, replacedBytes);
      }
      if (refusal?.mayWait === true) break;
      // What the core refuses for another reason it answers itself.
      this.#waiting.delete(token);
      admitted.isAdmitted = true;
      submit({ type: 'write', token, write, ack, replacedBytes });
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
