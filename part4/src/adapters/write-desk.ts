import { Pending } from '@tablelab/part2';
import { must } from '@tablelab/shared';

import type { ChainEvent, Refusal, RequestToken, WriteReply } from '../core/effects.ts';
import type { WriteRequest } from '../core/update.ts';
import type { TableFeed } from './table-feed.ts';

export interface WriteDeskOptions {
  /** How long a write may wait for room, or for its answer, in milliseconds. */
  readonly timeoutMs: number;
  readonly now: () => number;
  /** Why the core would not take a write now. */
  readonly refusal: (write: WriteRequest, replacedBytes: number) => Refusal | undefined;
  readonly table: Pick<TableFeed, 'mustWait' | 'memoryRefusal'>;
  readonly submit: (event: Extract<ChainEvent, { type: 'write' }>) => void;
  /** Called when a write could not be let in for a bug: the server must not go on. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * How often it is looked whether those who wait for room still may, in milliseconds. No event says that a lease has run
 * out, and their clients are to look for another server then.
 */
const lookMs = 100;

/** A client's write that has no answer. */
interface OpenWrite {
  readonly write: WriteRequest;
  readonly ack: 'assigned' | 'committed';
  readonly deadline: number;
  /** Whether the core has it. */
  isAdmitted: boolean;
  reply: WriteReply | undefined;
  /** Gets the reply of a write that could not be answered at once. */
  pending: Pending<WriteReply> | undefined;
}

/**
 * Where clients' writes wait: for room in the chain and in the table, in the order in which they came, and for their
 * answers. Each gets exactly one, by its deadline. Bounded by the requests that connections may have open.
 */
export class WriteDesk {
  readonly #options: WriteDeskOptions;
  /** In the order in which they came, which is that of their deadlines: one timer does for all. */
  readonly #open = new Map<RequestToken, OpenWrite>();
  readonly #waiting = new Set<RequestToken>();
  #tokens = 0;
  #timer: NodeJS.Timeout | undefined;
  #lookTimer: NodeJS.Timeout | undefined;
  #isAdmitting = false;
  #isClosed = false;

  constructor(options: WriteDeskOptions) {
    this.#options = options;
  }

  /** The reply, at once where that can be: `BUSY` where there was no room, `unknown` where there was no answer in time. */
  take(write: WriteRequest, ack: 'assigned' | 'committed'): WriteReply | Pending<WriteReply> {
    if (this.#isClosed) return closedReply;
    const token = this.#tokens;
    this.#tokens += 1;
    const deadline = this.#options.now() + this.#options.timeoutMs;
    const open: OpenWrite = { write, ack, deadline, isAdmitted: false, reply: undefined, pending: undefined };
    this.#open.set(token, open);
    this.#timer ??= setTimeout(() => this.#expire(), this.#options.timeoutMs);
    this.#waiting.add(token);
    this.admit();
    if (open.reply !== undefined) return open.reply;
    if (this.#waiting.size > 0) this.#lookTimer ??= setInterval(() => this.#look(), lookMs);
    open.pending = new Pending();
    return open.pending;
  }

  /** Lets waiting writes in as long as there is room: to be called after whatever may have made some. */
  admit(): void {
    // Admitting a write is an event, after which this is called again.
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

  #admitWhatFits(): void {
    const { refusal: refusalNow, table, submit } = this.#options;
    for (const token of this.#waiting) {
      const open = must(this.#open.get(token), 'what waits is open');
      const { write, ack } = open;
      const refusal = refusalNow(write, 0);
      // What the core refuses for another reason is answered at once, whatever there is room for.
      if (refusal?.code === 'BUSY') break;
      if (refusal === undefined && table.mustWait(write)) break;
      this.#waiting.delete(token);
      const full = refusal === undefined ? table.memoryRefusal(write) : undefined;
      if (full === undefined) {
        open.isAdmitted = true;
        submit({ type: 'write', token, write, replacedBytes: 0, ack });
      } else {
        this.reply(token, { type: 'refused', code: 'BUSY', detail: full.message });
      }
    }
  }

  #look(): void {
    this.admit();
    if (this.#waiting.size > 0) return;
    clearInterval(this.#lookTimer);
    this.#lookTimer = undefined;
  }

  reply(token: RequestToken, reply: WriteReply): void {
    const open = this.#open.get(token);
    if (open === undefined) return;
    this.#open.delete(token);
    if (open.pending === undefined) open.reply = reply;
    else open.pending.settle(reply);
  }

  /** Answers all that are open, and whatever comes. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#lookTimer);
    for (const [token, { isAdmitted }] of [...this.#open]) {
      this.reply(token, isAdmitted ? { type: 'unknown', detail: closedReply.detail } : closedReply);
    }
    this.#waiting.clear();
  }

  #expire(): void {
    const { now, timeoutMs } = this.#options;
    this.#timer = undefined;
    for (const [token, { deadline, isAdmitted }] of this.#open) {
      const leftMs = deadline - now();
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.#expire(), leftMs);
        return;
      }
      this.#waiting.delete(token);
      this.reply(token, isAdmitted ? unansweredReply(timeoutMs) : noRoomReply(timeoutMs));
    }
  }
}

const closedReply = { type: 'refused', code: 'SHUTTING_DOWN', detail: 'this server ends' } as const;

function noRoomReply(timeoutMs: number): WriteReply {
  const detail = `the chain had no room for another write for ${timeoutMs} ms`;
  return { type: 'refused', code: 'BUSY', detail };
}

function unansweredReply(timeoutMs: number): WriteReply {
  return {
    type: 'unknown',
    detail: `the chain has not executed this write everywhere after ${timeoutMs} ms`,
  };
}
