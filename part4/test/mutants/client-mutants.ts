import type { clientConnectionChecks } from '../support/client-connection-checks.ts';
import type { clientCoreChecks } from '../support/client-core-checks.ts';
import type { clientCoreWork } from '../support/client-core-work.ts';
import type { Edit } from './load-mutant.ts';

export type CoreCheckName = keyof typeof clientCoreChecks | keyof typeof clientCoreWork;
export type ConnectionCheckName = keyof typeof clientConnectionChecks;

/** A plausible bug in the client. */
export interface ClientMutant extends Edit {
  /** The bug, for reports. */
  readonly trap: string;
  /** The check that catches it, or the largest number of seeds that this takes. */
  readonly caughtBy:
    | { readonly coreCheck: CoreCheckName }
    | { readonly connectionCheck: ConnectionCheckName }
    | { readonly seedsMax: number };
}

const invariants = 'every invariant holds after every event';
const outcomes = 'each call has one outcome, by its deadline, and the outcome is true';

const core = (file: string): string => `client/core/${file}`;
const connection = 'client/client-connection.ts';
const driver = 'client/client-driver.ts';
const views = 'client/view-source.ts';
const wire = 'client/wire.ts';

export const clientMutants: readonly ClientMutant[] = [
  // ---- the core ----
  {
    name: 'deadline-late',
    trap: 'a call is given up half a second after its deadline',
    caughtBy: { coreCheck: outcomes },
    file: core('deadlines.ts'),
    find: 'if (first.order > state.now) return dueBy(state, first.order);',
    replace: 'if (first.order + 500 > state.now) return dueBy(state, first.order + 500);',
  },
  {
    name: 'new-number-for-a-repeat',
    trap: 'a write that is repeated gets another number',
    caughtBy: { coreCheck: outcomes },
    file: core('sending.ts'),
    find: 'if (call.numbered === undefined) {',
    replace: 'if (call.numbered === undefined || call.isInDoubt) {',
  },
  {
    name: 'lost-attempts-have-not-happened',
    trap: 'what was sent over a connection that is lost counts as not executed',
    caughtBy: { coreCheck: outcomes },
    file: core('attempts.ts'),
    find: 'const mayHaveHappened = !neverSent.has(token);',
    replace: 'const mayHaveHappened = neverSent.has(token);',
  },
  {
    name: 'attempt-under-way-has-not-happened',
    trap: 'a write that is given up while an attempt is under way counts as not executed',
    caughtBy: { coreCheck: outcomes },
    file: core('call.ts'),
    find: "return isInDoubt || (role === 'head' && sentOver !== undefined);",
    replace: "return isInDoubt && (role === 'head' || sentOver !== undefined);",
  },
  {
    name: 'window-stays-open',
    trap: 'after a refusal as many requests as before are sent at once',
    caughtBy: { coreCheck: 'after a refusal requests go one by one until one is done' },
    file: core('role-state.ts'),
    find: 'role.trouble = trouble;\n  role.isProven = false;',
    replace: 'role.trouble = trouble;',
  },
  {
    name: 'full-is-repeated',
    trap: 'a write that finds the table full is sent again and again',
    caughtBy: { coreCheck: 'what another attempt cannot cure is not repeated' },
    file: core('answers.ts'),
    find: "  'BUSY',",
    replace: "  'BUSY',\n  'FULL',",
  },
  {
    name: 'old-head-is-kept',
    trap: 'the connection to a server that is neither head nor tail any more is kept',
    caughtBy: { coreCheck: invariants },
    file: core('client-core.ts'),
    find: 'if (wanted.includes(connection.address)) continue;',
    replace: 'if (!wanted.includes(connection.address)) continue;',
  },
  {
    name: 'forgotten-session-is-kept',
    trap: 'writes go on in a session that the chain has forgotten',
    caughtBy: { coreCheck: outcomes },
    file: core('answers.ts'),
    find: 'if (isSessionGone) forgetSession(state, attempt);',
    replace: '',
  },
  {
    name: 'doubtful-write-in-a-new-session',
    trap: 'a write that may have been executed in a forgotten session is sent in the next one',
    caughtBy: { coreCheck: outcomes },
    file: core('calls.ts'),
    find: 'if (call.isInDoubt || state.limits.holdsOutcomes === true) {',
    replace: 'if (call.isInDoubt && call.numbered === undefined) {',
  },
  {
    name: 'number-released-early',
    trap: 'the number of a write is released when it is sent',
    caughtBy: { coreCheck: invariants },
    file: core('client-session.ts'),
    find: 'session.incomplete.add(request);',
    replace: '',
  },
  {
    name: 'abort-leaves-the-call',
    trap: 'a call that waits in the queue is not ended by its abort',
    caughtBy: { coreCheck: outcomes },
    file: core('client-core.ts'),
    find: "if (call !== undefined) failCall(state, call, 'ABORTED'",
    replace: "if (call?.sentOver !== undefined) failCall(state, call, 'ABORTED'",
  },
  {
    name: 'abort-knows-nothing-of-doubt',
    trap: 'an aborted write is said not to have happened',
    caughtBy: { coreCheck: outcomes },
    file: core('client-core.ts'),
    find: "if (call !== undefined) failCall(state, call, 'ABORTED', 'the caller has aborted this call');",
    replace:
      "if (call !== undefined) failCall(state, { ...call, sentOver: undefined, isInDoubt: false }, 'ABORTED', '');",
  },
  {
    name: 'shallow-copy',
    trap: 'a copy of a core shares its calls with the original',
    caughtBy: { coreCheck: 'a copy() and the original give the same effects for the same events' },
    file: core('client-core.ts'),
    find: 'ClientCore.from(structuredClone(this.#state))',
    replace: 'ClientCore.from({ ...structuredClone(this.#state), calls: this.#state.calls })',
  },
  {
    name: 'look-at-all-calls',
    trap: 'each time that something is due all calls are looked at',
    caughtBy: { coreCheck: 'calls that end at many deadlines are each looked at a few times' },
    file: core('deadlines.ts'),
    find: 'expireCalls(state);\n',
    replace:
      'for (const { deadline } of state.calls.values()) dueBy(state, Math.max(deadline, state.now + 1));\n  expireCalls(state);\n',
  },
  {
    name: 'look-at-all-calls-after-a-pause',
    trap: 'each pause ends with a look at all calls',
    caughtBy: { coreCheck: 'a pause costs no look at all calls that wait' },
    file: core('calls.ts'),
    find: 'const entry = firstCall(state.roles[role].queue, state.calls);',
    replace:
      'for (const { id } of state.calls.values()) if (id < 0) break;\n  const entry = firstCall(state.roles[role].queue, state.calls);',
  },
  {
    name: 'entries-pile-up',
    trap: 'calls that are over stay in the queue for ever',
    caughtBy: { coreCheck: 'calls that were given up behind a patient one leave little behind' },
    file: core('call-heap.ts'),
    find: 'if (heap.length > 2 * calls.size + leftOverMin)',
    replace: 'if (heap.length < 0)',
  },

  // ---- driver, connections, views, wire ----
  {
    name: 'client-never-wakes',
    trap: 'the core is not woken when something is due',
    caughtBy: { seedsMax: 5 },
    file: driver,
    find: "this.#handle({ type: 'wake' }),",
    replace: 'undefined,',
  },
  {
    name: 'client-wakes-late',
    trap: 'the core is woken ten milliseconds late',
    caughtBy: { seedsMax: 10 },
    file: driver,
    find: 'Math.ceil(at - clock.now())',
    replace: 'Math.ceil(at - clock.now()) + 10',
  },
  {
    name: 'all-is-unsent',
    trap: 'what was sent over a connection that ends is reported as unsent',
    caughtBy: {
      connectionCheck: 'requests that have not left when the connection ends are unsent, and no others',
    },
    file: connection,
    find: 'filter(({ isSent }) => !isSent)',
    replace: 'filter(({ caller }) => caller !== undefined)',
  },
  {
    name: 'answer-of-the-next-request',
    trap: 'an answer is taken for that of the request before',
    caughtBy: { seedsMax: 5 },
    file: connection,
    find: 'this.#answer(caller.token, answerOf(caller.request, reply));',
    replace: 'this.#answer(caller.token - 1, answerOf(caller.request, reply));',
  },
  {
    name: 'connection-lost-unheard',
    trap: 'the core does not hear that a connection is lost',
    caughtBy: { connectionCheck: 'a connection that cannot be made is reported with the reason' },
    file: connection,
    find: "this.#options.handle({ type: 'disconnected', connection: this.#options.id, detail, unsent });",
    replace: 'if (unsent.length > detail.length) this.opened();',
  },
  {
    name: 'first-view-only',
    trap: 'the client does not follow the chain after its first view',
    caughtBy: { seedsMax: 10 },
    file: views,
    find: '.watch(pass)',
    replace: '.watch(() => undefined)',
  },
  {
    name: 'one-zookeeper-session',
    trap: 'when its session with ZooKeeper ends the client opens no other',
    caughtBy: { seedsMax: 60 },
    file: views,
    find: 'void session.ended.then((end) => this.#followAgain(',
    replace: 'void session.ended.then((end) => String(',
  },
  {
    name: 'answered-when-assigned',
    trap: 'the client asks to be answered when its write has a name, and takes it for executed',
    caughtBy: { seedsMax: 20 },
    file: wire,
    find: 'first_incomplete: firstIncomplete, ack: Ack.COMMITTED',
    replace: 'first_incomplete: firstIncomplete, ack: Ack.ASSIGNED',
  },
  {
    name: 'forget-too-much',
    trap: 'each write tells the servers to forget all before it',
    caughtBy: { seedsMax: 20 },
    file: wire,
    find: 'first_incomplete: firstIncomplete,',
    replace: 'first_incomplete: Math.max(firstIncomplete, request),',
  },
  {
    name: 'refused-counts-as-sent',
    trap: 'a request that is too long to be sent may have happened, when its connection ends',
    caughtBy: { connectionCheck: 'a request that is too long is refused alone, at the end of its turn' },
    file: connection,
    find: ', ...this.#refused.keys()]',
    replace: ']',
  },
  {
    name: 'no-time-limit-to-connect',
    trap: 'a connection that does not come up is waited for without end',
    caughtBy: { connectionCheck: 'a connection that does not come up in time is given up' },
    file: connection,
    find: 'this.#break(`no connection to',
    replace: 'String(`no connection to',
  },
  {
    name: 'reports-after-close',
    trap: 'a connection reports errors after it was closed',
    caughtBy: { connectionCheck: 'nothing is reported after close()' },
    file: connection,
    find: "if (this.#state === 'over') return;\n      this.#refused",
    replace: 'this.#refused',
  },
  {
    name: 'one-write-for-each-request',
    trap: 'each request is written by itself',
    caughtBy: { connectionCheck: 'requests of one turn are written together, and answered in their order' },
    file: connection,
    find: 'if (this.#isFlushing) return;',
    replace: 'this.#flush();',
  },
];
