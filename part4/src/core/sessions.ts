import { assert, must } from '@tablelab/shared';
import type { Update, WriteName, WriteRequest } from './update.ts';

/** What became of one request of a client. */
export interface RequestOutcome extends WriteName {
  readonly request: number;
}

/** One client's session, as it is sent to a new server. */
export interface SessionRecord {
  readonly client: string;
  /** Requests below it are answered, and forgotten. */
  readonly firstIncomplete: number;
  /** In the order in which they were executed. */
  readonly outcomes: readonly RequestOutcome[];
}

export interface SessionLimits {
  /** Beyond, the session that has been idle longest is forgotten. */
  readonly sessionsMax: number;
  /** Outcomes that a session remembers; a client must not have more requests without an answer. */
  readonly outcomesPerSessionMax: number;
  /** Outcomes that all sessions remember together; beyond, sessions that have been idle longest are forgotten. */
  readonly outcomesMax: number;
}

/** What is known of a request. */
export type Lookup =
  | { readonly type: 'new' }
  | { readonly type: 'known'; readonly name: WriteName }
  /** The client has said that it has the answer. */
  | { readonly type: 'answered' }
  | { readonly type: 'too-many' }
  /** There is no such session: it was never opened in this chain, or has been forgotten. */
  | { readonly type: 'no-session' };

interface Session {
  firstIncomplete: number;
  readonly outcomes: Map<number, WriteName>;
}

/**
 * Which requests have been executed already, and as which writes: what makes a repeat harmless (exactly once; see also
 * Ongaro's dissertation, section 6.3). Part of the replicated state.
 *
 * A session is begun by a write of its own, `open`, and named after that write's place in the history, so no name comes
 * twice and a request of a session that is not here is never executed: nobody could say whether it had been before.
 *
 * Invariant: a function of the updates alone, in their order. So all servers remember and forget the same.
 */
export class Sessions {
  readonly #limits: SessionLimits;
  /** By client, the one that has been idle longest first. */
  readonly #sessions = new Map<string, Session>();
  #outcomes = 0;

  constructor(limits: SessionLimits, records: readonly SessionRecord[] = []) {
    this.#limits = limits;
    for (const { client, firstIncomplete, outcomes } of records) {
      this.#sessions.set(client, {
        firstIncomplete,
        outcomes: new Map(outcomes.map(({ request, epoch, seq }) => [request, { epoch, seq }])),
      });
      this.#outcomes += outcomes.length;
    }
  }

  get records(): readonly SessionRecord[] {
    return [...this.#sessions].map(([client, { firstIncomplete, outcomes }]) => ({
      client,
      firstIncomplete,
      outcomes: [...outcomes].map(([request, name]) => ({ request, ...name })),
    }));
  }

  lookup({ client, request, firstIncomplete }: Omit<WriteRequest, 'op' | 'key' | 'data'>): Lookup {
    const session = this.#sessions.get(client);
    if (session === undefined) return { type: 'no-session' };
    const name = session.outcomes.get(request);
    if (name !== undefined) return { type: 'known', name };
    if (request < session.firstIncomplete) return { type: 'answered' };
    const { outcomesPerSessionMax: max } = this.#limits;
    if (session.outcomes.size < max) return { type: 'new' };
    // What this very request lets the session forget does not count: it would wait for itself otherwise.
    const kept = [...session.outcomes.keys()].filter((earlier) => earlier >= firstIncomplete).length;
    return { type: kept < max ? 'new' : 'too-many' };
  }

  /** Takes note of what `update` makes of the sessions. `opened`: what the session that it opens is called. */
  apply(update: Update, opened: string | undefined): void {
    if (opened !== undefined) {
      assert(!this.#sessions.has(opened), `session ${opened} is opened once`);
      this.#sessions.set(opened, { firstIncomplete: 1, outcomes: new Map() });
    } else if (update.client !== '') {
      const session = must(this.#sessions.get(update.client), 'the head takes no request without a session');
      const { request, epoch, seq, firstIncomplete } = update;
      this.#sessions.delete(update.client);
      this.#sessions.set(update.client, session);
      assert(!session.outcomes.has(request), `request ${request} of ${update.client} is executed once`);
      session.outcomes.set(request, { epoch, seq });
      this.#outcomes += 1;
      this.#forgetAnswered(session, firstIncomplete);
    }
    this.#forgetIdle();
  }

  #forgetAnswered(session: Session, firstIncomplete: number): void {
    if (firstIncomplete <= session.firstIncomplete) return;
    session.firstIncomplete = firstIncomplete;
    // In the order of execution, which is nearly that of the numbers: one that a repeat has put behind a higher number
    // stays a little longer, which is no harm and saves looking at all.
    for (const request of session.outcomes.keys()) {
      if (request >= firstIncomplete) break;
      session.outcomes.delete(request);
      this.#outcomes -= 1;
    }
  }

  /** The session in use is the last one, and stays. */
  #forgetIdle(): void {
    const { sessionsMax, outcomesMax } = this.#limits;
    while (this.#sessions.size > 1 && (this.#sessions.size > sessionsMax || this.#outcomes > outcomesMax)) {
      const [idle] = this.#sessions;
      const [client, session] = must(idle, 'there is more than one');
      this.#sessions.delete(client);
      this.#outcomes -= session.outcomes.size;
    }
  }
}
