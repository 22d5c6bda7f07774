import { unreachable } from '@tablelab/shared';
import type { ChainEffect, RequestToken, WriteRefusalCode, WriteReply } from './effects.ts';
import type { History } from './history.ts';
import type { ChainLimits } from './limits.ts';
import type { Place } from './place.ts';
import type { WriteName, WriteRequest } from './update.ts';
import { headOf } from './view.ts';

export interface Refusal<Code extends string = WriteRefusalCode> {
  readonly code: Code;
  readonly detail: string;
}

export interface WritePathContext {
  readonly history: History;
  readonly place: Place;
  readonly limits: Pick<ChainLimits, 'logUpdatesMax' | 'logBytesMax'>;
  readonly emit: (effect: ChainEffect) => void;
}

/**
 * The head's part in a write (van Renesse & Schneider 2004, section 3): it gets its place in the history, and its answer
 * once that is known, or once the whole chain has executed it. A repeat gets the answer that the first attempt got.
 *
 * Invariant: each write gets exactly one reply.
 */
export class WritePath {
  readonly #context: WritePathContext;
  /** Writes that are answered once they are stable, by sequence number; no more than the log holds. */
  readonly #waiters = new Map<number, RequestToken[]>();

  constructor(context: WritePathContext) {
    this.#context = context;
  }

  /** Why this server cannot take a write now, or undefined where it can: it is the head, and has room. */
  refusal(now: number): Refusal | undefined {
    return this.#headRefusal(now) ?? this.#roomRefusal();
  }

  take(token: RequestToken, write: WriteRequest, ack: 'assigned' | 'committed', now: number): void {
    const { history, place, emit } = this.#context;
    const notHead = this.#headRefusal(now);
    if (notHead !== undefined) return this.refuse(token, notHead);
    const earlier = write.client === '' ? undefined : this.#earlier(write);
    if (earlier?.type === 'refused') return this.#reply(token, earlier);
    const full = earlier === undefined ? this.#roomRefusal() : undefined;
    if (full !== undefined) return this.refuse(token, full);
    const name = earlier?.name ?? { epoch: place.epoch, seq: history.received };
    if (earlier === undefined) {
      const update = { ...write, ...name };
      history.append(update);
      emit({ type: 'execute', updates: [update] });
    }
    // A session that might never have been opened is of no use.
    if (ack === 'assigned' && write.op !== 'open') return this.#reply(token, { type: 'assigned', name });
    if (name.seq < history.stable) return this.#reply(token, this.#committed(name));
    const tokens = this.#waiters.get(name.seq);
    if (tokens === undefined) this.#waiters.set(name.seq, [token]);
    else tokens.push(token);
  }

  /** The whole chain has executed all below `stable`. To be called before the history settles it. */
  answer(stable: number): void {
    const { history } = this.#context;
    for (let seq = history.stable; seq < stable && this.#waiters.size > 0; seq += 1) {
      const tokens = this.#waiters.get(seq);
      if (tokens === undefined) continue;
      this.#waiters.delete(seq);
      const { epoch } = history.log.at(seq);
      for (const token of tokens) this.#reply(token, this.#committed({ epoch, seq }));
    }
  }

  /** This server is out of the chain: what becomes of the writes that wait is for others to tell. */
  abandon(detail: string): void {
    for (const tokens of this.#waiters.values()) {
      for (const token of tokens) this.#reply(token, { type: 'unknown', detail });
    }
    this.#waiters.clear();
  }

  refuse(token: RequestToken, { code, detail }: Refusal): void {
    this.#reply(token, { type: 'refused', code, detail });
  }

  #headRefusal(now: number): Refusal | undefined {
    const { history, place } = this.#context;
    if (place.adopted === undefined) return { code: 'NOT_READY', detail: place.absence };
    if (!place.isHead) {
      const head = headOf(place.adopted.view)?.address ?? 'not known yet';
      return { code: 'NOT_HEAD', detail: `writes go to the head, ${head}` };
    }
    if (!place.isMember) {
      return { code: 'NOT_READY', detail: 'this server does not hold the chain’s state yet' };
    }
    if (place.isLeaving) return { code: 'SHUTTING_DOWN', detail: 'this server is leaving the chain' };
    // A new head numbers nothing before it has executed what its predecessor left: that history comes first.
    if (history.lastEpoch !== place.epoch && history.executed < history.received) {
      return { code: 'NOT_READY', detail: 'the new head is executing what the old one left' };
    }
    return place.silence(now);
  }

  #roomRefusal(): Refusal | undefined {
    const { history, limits } = this.#context;
    const waiting = history.received - history.stable;
    if (waiting < limits.logUpdatesMax && history.log.unsettledBytes < limits.logBytesMax) return undefined;
    return { code: 'BUSY', detail: `${waiting} writes wait for the rest of the chain` };
  }

  /** What an earlier attempt at a client's request has become, or why nobody knows; undefined where there was none. */
  #earlier(
    write: WriteRequest,
  ):
    | { readonly type: 'name'; readonly name: WriteName }
    | Extract<WriteReply, { type: 'refused' }>
    | undefined {
    const { client, request } = write;
    const found = this.#context.history.sessions.lookup(write);
    switch (found.type) {
      case 'new':
        return undefined;
      case 'known':
        return { type: 'name', name: found.name };
      case 'answered':
        return { type: 'refused', code: 'BAD_REQUEST', detail: `request ${request} was answered before` };
      case 'too-many':
        return { type: 'refused', code: 'BUSY', detail: 'too many requests of this client are unanswered' };
      case 'no-session':
        return { type: 'refused', code: 'LOST', detail: `this chain knows no session ${client}` };
      default:
        return unreachable(found);
    }
  }

  #committed(name: WriteName): WriteReply {
    const { history } = this.#context;
    // Where the log does not reach any more it was no `open`: those have no number by which they could be repeated.
    const isOpen = history.log.find(name.seq)?.op === 'open';
    return { type: 'committed', name, client: isOpen ? history.clientOpenedBy(name) : '' };
  }

  #reply(token: RequestToken, reply: WriteReply): void {
    this.#context.emit({ type: 'reply', token, reply });
  }
}
