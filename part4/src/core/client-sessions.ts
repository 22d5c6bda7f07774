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

interface ClientSession {
  firstIncomplete: number;
  readonly outcomes: Map<number, WriteName>;
}

/**
 * Which requests have been executed already, and as which writes: what makes a repeat harmless (exactly once; see also
 * Ongaro's dissertation, section 6.3). Part of the replicated state.
 *
 * A session is begun by a write of its own, `open`, under a random name that this write carries, so no name comes twice, and
 * a request of a session that is not here is never executed: nobody could say whether it had been before.
 *
 * Invariant: a function of the updates alone, in their order. So all servers remember and forget the same.
 */
export interface ClientSessions {
  /** By name, the one that has been idle longest first. */
  readonly byClient: Map<string, ClientSession>;
  /** Outcomes of all sessions together. */
  outcomes: number;
}

export function newSessions(records: readonly SessionRecord[] = []): ClientSessions {
  const sessions: ClientSessions = { byClient: new Map(), outcomes: 0 };
  for (const { client, firstIncomplete, outcomes } of records) {
    assert(!sessions.byClient.has(client), () => `a snapshot names the client session ${client} once`);
    const byRequest = outcomes.map(({ request, epoch, seq }) => [request, { epoch, seq }] as const);
    sessions.byClient.set(client, { firstIncomplete, outcomes: new Map(byRequest) });
    sessions.outcomes += outcomes.length;
  }
  return sessions;
}

export function copySessions({ byClient, outcomes }: ClientSessions): ClientSessions {
  const copies = [...byClient].map(
    ([client, session]) => [client, { ...session, outcomes: new Map(session.outcomes) }] as const,
  );
  return { byClient: new Map(copies), outcomes };
}

export function sessionRecords({ byClient }: ClientSessions): readonly SessionRecord[] {
  return [...byClient].map(([client, { firstIncomplete, outcomes }]) => ({
    client,
    firstIncomplete,
    outcomes: [...outcomes].map(([request, name]) => ({ request, ...name })),
  }));
}

export function lookUpRequest(
  { byClient }: ClientSessions,
  { client, request, firstIncomplete }: Omit<WriteRequest, 'op' | 'key' | 'data'>,
  { outcomesPerSessionMax: max }: SessionLimits,
): Lookup {
  const session = byClient.get(client);
  if (session === undefined) return { type: 'no-session' };
  const name = session.outcomes.get(request);
  if (name !== undefined) return { type: 'known', name };
  if (request < session.firstIncomplete) return { type: 'answered' };
  if (session.outcomes.size < max) return { type: 'new' };
  // What this very request lets the session forget does not count: it would wait for itself otherwise.
  const kept = [...session.outcomes.keys()].filter((earlier) => earlier >= firstIncomplete).length;
  return { type: kept < max ? 'new' : 'too-many' };
}

/** Takes note of what `update` makes of the sessions. */
export function applyToSessions(sessions: ClientSessions, update: Update, limits: SessionLimits): void {
  const { byClient } = sessions;
  const { op, client, request, epoch, seq, firstIncomplete } = update;
  if (op === 'open') {
    assert(client !== '', 'a session that is opened has a name');
    assert(!byClient.has(client), () => `client session ${client} is opened once`);
    byClient.set(client, { firstIncomplete: 1, outcomes: new Map() });
  } else if (client !== '') {
    const session = must(byClient.get(client), 'the head takes no request without a session');
    assert(!session.outcomes.has(request), () => `request ${request} of ${client} is executed once`);
    assert(request >= session.firstIncomplete, () => `request ${request} of ${client} is not answered yet`);
    byClient.delete(client);
    byClient.set(client, session);
    session.outcomes.set(request, { epoch, seq });
    sessions.outcomes += 1;
    forgetAnswered(sessions, session, firstIncomplete);
  }
  forgetIdle(sessions, limits);
}

function forgetAnswered(sessions: ClientSessions, session: ClientSession, firstIncomplete: number): void {
  if (firstIncomplete <= session.firstIncomplete) return;
  session.firstIncomplete = firstIncomplete;
  // In the order of execution, which is nearly that of the numbers: one that a repeat has put behind a higher number
  // stays a little longer, which is no harm and saves looking at all.
  for (const request of session.outcomes.keys()) {
    if (request >= firstIncomplete) break;
    session.outcomes.delete(request);
    sessions.outcomes -= 1;
  }
}

/** The session in use is the last one, and stays. */
function forgetIdle(sessions: ClientSessions, { sessionsMax, outcomesMax }: SessionLimits): void {
  const { byClient } = sessions;
  while (byClient.size > 1 && (byClient.size > sessionsMax || sessions.outcomes > outcomesMax)) {
    const [idle] = byClient;
    const [client, session] = must(idle, 'there is more than one');
    byClient.delete(client);
    sessions.outcomes -= session.outcomes.size;
  }
  assert(sessions.outcomes >= 0, 'the sessions count their outcomes right');
}
