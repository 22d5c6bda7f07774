import { assert, must } from '@tablelab/shared';
import { type Update, type WriteName, type WriteRequest, writeDigest } from './update.ts';

/** The outcome of one request of a client. */
export interface RequestOutcome extends Outcome {
  readonly request: number;
}

/** The name that a write was given, whether it was applied, and its {@link writeDigest}. */
interface Outcome extends WriteName {
  readonly isApplied: boolean;
  readonly digest: number;
}

/** One client's session, in the form sent to a new server. */
export interface SessionRecord {
  readonly client: string;
  /** Requests below this number are answered and forgotten. */
  readonly firstIncomplete: number;
  /** In the order in which they were executed. */
  readonly outcomes: readonly RequestOutcome[];
}

export interface SessionLimits {
  /** The largest number of sessions. One more, and the session idle longest is forgotten. */
  readonly sessionsMax: number;
  /** The largest number of outcomes per session; a client must not have more requests without an answer. */
  readonly outcomesPerSessionMax: number;
  /** The largest number of outcomes of all sessions. Beyond it, the sessions idle longest are forgotten. */
  readonly outcomesMax: number;
}

/** What is known of a request. */
export type Lookup =
  | { readonly type: 'new' }
  | { readonly type: 'known'; readonly name: WriteName; readonly isApplied: boolean }
  /** The client has confirmed that it has the answer. */
  | { readonly type: 'answered' }
  /** The client has sent another write under this number. */
  | { readonly type: 'another-write' }
  | { readonly type: 'too-many' }
  /** The session was never opened in this chain, or has been forgotten. */
  | { readonly type: 'no-session' };

interface ClientSession {
  firstIncomplete: number;
  readonly outcomes: Map<number, Outcome>;
}

/**
 * Which requests have been executed, and as which writes. This makes repeats harmless (exactly-once semantics; see
 * Ongaro's dissertation, section 6.3). Part of the replicated state.
 *
 * A write `open` begins a session; it carries the session's random name, so names are unique. A request of an unknown
 * session is never executed, because it may have been executed before.
 *
 * Invariant: the state depends only on the updates and their order, so all servers remember and forget the same.
 */
export interface ClientSessions {
  /** By name; the session idle longest comes first. */
  readonly byClient: Map<string, ClientSession>;
  /** The number of outcomes of all sessions. */
  outcomes: number;
}

export function newSessions(records: readonly SessionRecord[] = []): ClientSessions {
  const sessions: ClientSessions = { byClient: new Map(), outcomes: 0 };
  for (const { client, firstIncomplete, outcomes } of records) {
    assert(!sessions.byClient.has(client), () => `a snapshot names the client session ${client} once`);
    const byRequest = outcomes.map(({ request, ...outcome }) => [request, outcome] as const);
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
    outcomes: [...outcomes].map(([request, outcome]) => ({ request, ...outcome })),
  }));
}

export function lookUpRequest(
  { byClient }: ClientSessions,
  write: WriteRequest,
  { outcomesPerSessionMax: max }: SessionLimits,
): Lookup {
  const { client, request, firstIncomplete } = write;
  const session = byClient.get(client);
  if (session === undefined) return { type: 'no-session' };
  const outcome = session.outcomes.get(request);
  if (outcome !== undefined && outcome.digest !== writeDigest(write)) return { type: 'another-write' };
  if (outcome !== undefined) {
    const { epoch, seq, isApplied } = outcome;
    return { type: 'known', name: { epoch, seq }, isApplied };
  }
  if (request < session.firstIncomplete) return { type: 'answered' };
  if (session.outcomes.size < max) return { type: 'new' };
  // Outcomes that this request itself confirms do not count; otherwise it would wait for itself.
  const kept = [...session.outcomes.keys()].filter((earlier) => earlier >= firstIncomplete).length;
  return { type: kept < max ? 'new' : 'too-many' };
}

/** Applies `update` to the sessions. */
export function applyToSessions(sessions: ClientSessions, update: Update, limits: SessionLimits): void {
  const { byClient } = sessions;
  const { op, client, request, epoch, seq, firstIncomplete, isApplied } = update;
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
    session.outcomes.set(request, { epoch, seq, isApplied, digest: writeDigest(update) });
    sessions.outcomes += 1;
    forgetAnswered(sessions, session, firstIncomplete);
  }
  forgetIdle(sessions, limits);
}

function forgetAnswered(sessions: ClientSessions, session: ClientSession, firstIncomplete: number): void {
  if (firstIncomplete <= session.firstIncomplete) return;
  session.firstIncomplete = firstIncomplete;
  // The outcomes are in order of execution, which is nearly the order of their numbers. An outcome that a repeat has
  // put after a higher number stays a little longer; that is harmless and avoids visiting all of them.
  for (const request of session.outcomes.keys()) {
    if (request >= firstIncomplete) break;
    session.outcomes.delete(request);
    sessions.outcomes -= 1;
  }
}

/** The session in use is last in order, and stays. */
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
