import { isDeepStrictEqual } from 'node:util';
import { assert, type ErrorCode } from '@tablelab/shared';
import { roleOf } from '../../src/client/core/call.ts';
import { checkClientState } from '../../src/client/core/check-client-state.ts';
import type { ClientCore } from '../../src/client/core/client-core.ts';
import type { CallId, ClientEffect, ClientError, ClientEvent } from '../../src/client/core/client-effects.ts';
import { type ClientLimits, defaultClientLimits } from '../../src/client/core/client-limits.ts';
import { ClientCoreHost, type Made } from './client-core-host.ts';

/** The class under test: the client's core, or one that was broken on purpose. */
export type ClientCoreClass = typeof ClientCore;

const seeds = 100;
const eventsEach = 250;
const limits: ClientLimits = { ...defaultClientLimits, attemptTimeoutMs: 200, underWayMax: 5, callsMax: 40 };

type Look = (core: ClientCore, event: ClientEvent, effects: ClientEffect[]) => void;

/** Checks of the client's core. Each check throws if it fails; with random events the error names the seed. */
export const clientCoreChecks = {
  'every invariant holds after every event': (Core) => {
    forAllSeeds((seed) => run(Core, seed, ({ state }) => checkClientState(state)));
  },
  'a copy() and the original give the same effects for the same events': (Core) => {
    forAllSeeds((seed) => checkCopies(Core, seed, (core) => core.copy()));
  },
  'from(structuredClone(state)) and the original give the same effects for the same events': (Core) => {
    forAllSeeds((seed) => checkCopies(Core, seed, ({ state }) => Core.from(structuredClone(state))));
  },
  'each call has one outcome, by its deadline, and the outcome is true': (Core) => {
    const met = { doubtful: 0, repeated: 0, lost: 0, aborted: 0, abortedInDoubt: 0 };
    forAllSeeds((seed) => {
      for (const made of run(Core, seed, () => undefined).calls) {
        checkOutcome(made);
        const [outcome] = made.outcomes;
        if (outcome?.type === 'error' && outcome.mayHaveHappened) met.doubtful += 1;
        if (outcome?.type === 'error' && outcome.code === 'LOST') met.lost += 1;
        if (outcome?.type === 'error' && outcome.code === 'ABORTED') {
          met.aborted += 1;
          if (outcome.mayHaveHappened) met.abortedInDoubt += 1;
        }
        if (made.sent.length > 1) met.repeated += 1;
      }
    });
    assert(met.doubtful > seeds && met.repeated > seeds && met.lost > 10, () => JSON.stringify(met));
    assert(met.aborted > seeds && met.abortedInDoubt > 10, () => JSON.stringify(met));
  },
  'after a refusal requests go one by one until one is done': (Core) => {
    const { step, send } = scriptOf(Core);
    for (const call of [2, 3, 4]) assert(send(call).length === 1, 'the window is open');
    for (const token of [2, 3, 4]) step({ type: 'answer', token, answer: refusalOf('NOT_READY') });
    assert(step({ type: 'wake' }, 5).length === 1, 'one goes alone');
    const done = step({ type: 'answer', token: 5, answer: { type: 'size', size: 0 } }, 5);
    assert(done.length === 2, 'and then the others');
  },
  'what another attempt cannot cure is not repeated': (Core) => {
    for (const code of ['FULL', 'TOO_LARGE', 'BAD_REQUEST', 'INTERNAL', 'LOST'] as const) {
      const { core, step, send } = scriptOf(Core);
      send(2);
      step({ type: 'answer', token: 2, answer: refusalOf(code) });
      assert(core.state.calls.size === 0, `a call that is answered ${code} is over`);
    }
  },
} satisfies Record<string, (Core: ClientCoreClass) => void>;

/** A client of a chain of one server, which has answered one read: two more things that a test does to it. */
function scriptOf(Core: ClientCoreClass) {
  const core = new Core(limits);
  const step = (event: ClientEvent, now = 0) => {
    core.handle(event, now);
    return core.takeEffects().filter(({ type }) => type === 'send');
  };
  const send = (call: CallId) => step({ type: 'call', call, operation: { op: 'size' }, deadline: 1_000 });
  step({ type: 'view', view: { version: 1, servers: [{ id: 0, address: 's', session: '' }] } });
  send(1);
  step({ type: 'connected', connection: 1 });
  step({ type: 'answer', token: 1, answer: { type: 'size', size: 0 } });
  return { core, step, send };
}

function refusalOf(code: ErrorCode): ClientError {
  return { type: 'error', code, detail: '', mayHaveHappened: false };
}

/** Runs a core and its host against each other; `look` sees each event with its effects. */
function run(Core: ClientCoreClass, seed: number, look: Look): ClientCoreHost {
  const host = new ClientCoreHost(seed);
  const core = new Core(limits);
  const step = (event: ClientEvent) => {
    core.handle(event, host.now);
    const effects = core.takeEffects();
    for (const effect of effects) host.perform(effect);
    look(core, event, effects);
  };
  for (let i = 0; i < eventsEach; i += 1) step(host.next());
  if (seed % 4 === 0) step({ type: 'close' });
  for (let event = host.nextWake(); event !== undefined; event = host.nextWake()) step(event);
  return host;
}

/** The first seed that fails ends it. */
function forAllSeeds(check: (seed: number) => void): void {
  for (let seed = 1; seed <= seeds; seed += 1) {
    try {
      check(seed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
}

interface Missed {
  readonly event: ClientEvent;
  readonly now: number;
  readonly effects: readonly ClientEffect[];
}

/** Copies the core every few events. The copy gets the next events after the original has handled them. */
function checkCopies(Core: ClientCoreClass, seed: number, copyOf: (core: ClientCore) => ClientCore): void {
  let copy = new Core(limits);
  let missed: Missed[] = [];
  run(Core, seed, (core, event, effects) => {
    missed.push({ event, now: core.state.now, effects });
    if (missed.length < 1 + (seed % 20)) return;
    // If the two shared anything, it would have changed for the copy as well.
    catchUp(copy, missed);
    assert(isDeepStrictEqual(copy.state, core.state), 'the copy has the state of the original');
    copy = copyOf(core);
    missed = [];
  });
  catchUp(copy, missed);
}

function catchUp(copy: ClientCore, missed: readonly Missed[]): void {
  for (const { event, now, effects } of missed) {
    copy.handle(event, now);
    const same = isDeepStrictEqual(copy.takeEffects(), effects);
    assert(same, () => `a copy gives the same effects for ${event.type} at ${now}`);
  }
}

/** Hand-out: part4/README.md#client-follows, #client-abort, #once-repeat. */
function checkOutcome({
  id,
  operation,
  deadline,
  outcomes,
  sent,
  completedAt,
  abortedAt,
  fates,
}: Made): void {
  const [outcome] = outcomes;
  assert(
    outcome !== undefined && outcomes.length === 1,
    () => `call ${id} has one outcome, not ${outcomes.length}`,
  );
  assert(completedAt <= deadline, () => `call ${id} ends by its deadline ${deadline}, not at ${completedAt}`);
  const isAborted = outcome.type === 'error' && outcome.code === 'ABORTED';
  assert(isAborted === (abortedAt !== undefined), () => `call ${id} is aborted at ${abortedAt}`);
  if (isAborted) assert(completedAt === abortedAt, () => `call ${id} ends when it is aborted`);
  const isWrite = roleOf(operation) === 'head';
  const isInDoubt = isWrite && fates.some((fate) => fate === 'pending' || fate === 'lost');
  if (outcome.type === 'error') {
    assert(outcome.mayHaveHappened === isInDoubt, () => `call ${id} may have happened: ${isInDoubt}`);
  }
  // Every request for one write that may be executed has the same number: so the servers execute it once.
  const numbers = sent.flatMap(({ request, fate }) => {
    const mayBeExecuted = fate !== 'refused' && fate !== 'unsent' && 'request' in request;
    return mayBeExecuted ? [`${request.client}#${request.request}`] : [];
  });
  assert(new Set(numbers).size <= 1, () => `call ${id} has one number, not ${numbers.join(' and ')}`);
}
