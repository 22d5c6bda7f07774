import { isDeepStrictEqual } from 'node:util';
import { assert } from '@tablelab/shared';
import t from 'tap';
import { type Call, roleOf } from '../src/client/core/call.ts';
import { checkClientState } from '../src/client/core/check-client-state.ts';
import { ClientCore } from '../src/client/core/client-core.ts';
import type { CallId, ClientEffect, ClientEvent } from '../src/client/core/client-effects.ts';
import { type ClientLimits, defaultClientLimits } from '../src/client/core/client-limits.ts';
import { newClientState } from '../src/client/core/client-state.ts';
import { ClientCoreHost, type Made } from './support/client-core-host.ts';

/** The client's core among random events. A failure names the seed, which is all that it takes to see it again. */

const seeds = 100;
const eventsEach = 250;
const limits: ClientLimits = { ...defaultClientLimits, attemptTimeoutMs: 200, underWayMax: 5, callsMax: 40 };

/** Feeds a core and its host with each other's events; `look` sees each event with the effects that followed. */
function run(seed: number, look: (core: ClientCore, event: ClientEvent, effects: ClientEffect[]) => void) {
  const host = new ClientCoreHost(seed);
  const core = new ClientCore(limits);
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

/** Runs `check` with each seed. The first that fails is the failure of the test. */
function forAllSeeds(check: (seed: number) => void): void {
  for (let seed = 1; seed <= seeds; seed += 1) {
    try {
      check(seed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
}

t.test('every invariant holds after every event', async (t) => {
  t.doesNotThrow(() => forAllSeeds((seed) => run(seed, ({ state }) => checkClientState(state))));
});

t.test('a copied core and the original give the same effects for the same events', async (t) => {
  for (const [how, copyOf] of [
    ['copy()', (core: ClientCore) => core.copy()],
    ['from(structuredClone(state))', (core: ClientCore) => ClientCore.from(structuredClone(core.state))],
  ] as const) {
    t.doesNotThrow(
      () =>
        forAllSeeds((seed) => {
          let copy = new ClientCore(limits);
          let missed: { event: ClientEvent; now: number; effects: ClientEffect[] }[] = [];
          let original = copy;
          run(seed, (core, event, effects) => {
            original = core;
            missed.push({ event, now: core.state.now, effects });
            if (missed.length < 1 + (seed % 20)) return;
            // The original is ahead: if the two share anything, it has changed for the copy as well.
            catchUp(copy, missed);
            assert(isDeepStrictEqual(copy.state, core.state), 'the copy has the state of the original');
            copy = copyOf(core);
            missed = [];
          });
          catchUp(copy, missed);
          assert(isDeepStrictEqual(copy.state, original.state), 'the copy ends like the original');
        }),
      how,
    );
  }
});

function catchUp(
  copy: ClientCore,
  missed: readonly { event: ClientEvent; now: number; effects: readonly ClientEffect[] }[],
): void {
  for (const { event, now, effects } of missed) {
    copy.handle(event, now);
    assert(isDeepStrictEqual(copy.takeEffects(), effects), `the same effects of ${event.type} at ${now}`);
  }
}

t.test('each call has one outcome, by its deadline, and the outcome is true', async (t) => {
  let doubtful = 0;
  let repeated = 0;
  t.doesNotThrow(() =>
    forAllSeeds((seed) => {
      for (const made of run(seed, () => undefined).calls) {
        checkOutcome(made);
        if (made.outcomes.some((outcome) => outcome.type === 'error' && outcome.mayHaveHappened))
          doubtful += 1;
        if (made.sent.length > 1) repeated += 1;
      }
    }),
  );
  t.ok(doubtful > seeds && repeated > seeds, `${doubtful} in doubt, ${repeated} repeated`);
});

/** Hand-out: part4/README.md#client-follows, #once-repeat. */
function checkOutcome({ id, operation, deadline, outcomes, sent, completedAt, fates }: Made): void {
  const [outcome] = outcomes;
  assert(outcome !== undefined && outcomes.length === 1, `call ${id} has ${outcomes.length} outcomes`);
  assert(completedAt <= deadline, `call ${id} ends at ${completedAt}, after its deadline ${deadline}`);
  const isInDoubt =
    roleOf(operation) === 'head' && fates.some((fate) => fate === 'pending' || fate === 'lost');
  if (outcome.type === 'error') {
    assert(outcome.mayHaveHappened === isInDoubt, `call ${id} may have happened: ${isInDoubt}`);
  }
  // Every request for one write that may be executed has the same number: so the servers execute it once.
  const numbers = sent.flatMap(({ request, fate }) => {
    const mayBeExecuted = fate !== 'refused' && fate !== 'unsent' && 'request' in request;
    return mayBeExecuted ? [`${request.client}#${request.request}`] : [];
  });
  assert(new Set(numbers).size <= 1, `call ${id} was sent as ${numbers.join(' and ')}`);
}

// ---- how much work it is ----

/** Counts the calls that are looked at, each time. */
class CountedCalls extends Map<CallId, Call> {
  looks = 0;

  override get(id: CallId): Call | undefined {
    this.looks += 1;
    return super.get(id);
  }

  override has(id: CallId): boolean {
    this.looks += 1;
    return super.has(id);
  }

  override *values(): MapIterator<Call> {
    for (const call of super.values()) {
      this.looks += 1;
      yield call;
    }
  }
}

/** A core, and how many calls and entries of its heaps it has looked at. */
function countedCore(): { core: ClientCore; looks: () => number } {
  let entries = 0;
  const counted = <T>(array: T[]): T[] =>
    new Proxy(array, {
      get(target, property, receiver) {
        if (typeof property === 'string' && /^\d+$/.test(property)) entries += 1;
        return Reflect.get(target, property, receiver);
      },
    });
  const state = newClientState({ ...defaultClientLimits, attemptTimeoutMs: 1e9 });
  const calls = new CountedCalls();
  const { head, tail } = state.roles;
  const core = ClientCore.from({
    ...state,
    calls,
    deadlines: counted(state.deadlines),
    roles: { head: { ...head, queue: counted(head.queue) }, tail: { ...tail, queue: counted(tail.queue) } },
  });
  return { core, looks: () => calls.looks + entries };
}

const many = 5_000;

/** A heap's path from top to bottom, a few times; looking at all calls would be a thousand times `many`. */
const looksEach = 16 * Math.ceil(Math.log2(many));

function callMany(core: ClientCore, deadlineOf: (call: CallId) => number): void {
  for (let call = 0; call < many; call += 1) {
    core.handle({ type: 'call', call, operation: { op: 'size' }, deadline: deadlineOf(call) }, 0);
  }
}

t.test('many calls that end at many deadlines: each is looked at a few times', async (t) => {
  const { core, looks } = countedCore();
  // Neither in the order of the calls, nor against it.
  callMany(core, (call) => 1 + ((call * 1_777) % many));
  for (let now = 1; now <= many; now += 1) core.handle({ type: 'wake' }, now);
  const completed = core.takeEffects().flatMap((effect) => (effect.type === 'complete' ? [effect.call] : []));
  t.equal(new Set(completed).size, many);
  t.ok(looks() < many * looksEach, `${looks()} looks at ${many} calls`);
});

t.test('many calls that wait through many pauses: a pause costs no look at all of them', async (t) => {
  const { core, looks } = countedCore();
  callMany(core, () => 1e9);
  core.handle({ type: 'view', view: { version: 1, servers: [{ id: 0, address: 's', session: '' }] } }, 0);
  core.handle({ type: 'connected', connection: 1 }, 0);
  const before = looks();
  const pauses = 1_000;
  for (let token = 1; token <= pauses; token += 1) {
    const answer = { type: 'error', code: 'NOT_READY', detail: '', mayHaveHappened: false } as const;
    core.handle({ type: 'answer', token, answer }, token * 1_000);
    core.handle({ type: 'wake' }, token * 1_000 + 500);
  }
  t.ok(looks() - before < pauses * looksEach, `${looks() - before} looks in ${pauses} pauses`);
});

t.test('calls that are over leave no more behind than there are calls', async (t) => {
  const core = new ClientCore();
  core.handle({ type: 'view', view: { version: 1, servers: [{ id: 0, address: 's', session: '' }] } }, 0);
  let longest = 0;
  for (let call = 0; call < many; call += 1) {
    core.handle({ type: 'call', call, operation: { op: 'size' }, deadline: 1e9 }, 0);
    if (call === 0) core.handle({ type: 'connected', connection: 1 }, 0);
    core.handle({ type: 'answer', token: call + 1, answer: { type: 'size', size: 0 } }, 0);
    longest = Math.max(longest, core.state.deadlines.length, core.state.roles.tail.queue.length);
  }
  t.equal(core.state.calls.size, 0);
  t.ok(longest < 100, `${longest} entries, and one call at a time`);

  // One call keeps the first place in the queue, and all others end behind it.
  const waiting = new ClientCore();
  for (let call = 0; call < many; call += 1) {
    waiting.handle(
      { type: 'call', call, operation: { op: 'size' }, deadline: call === 0 ? 1e9 : call },
      call,
    );
    longest = Math.max(longest, waiting.state.deadlines.length, waiting.state.roles.tail.queue.length);
  }
  t.equal(waiting.state.calls.size, 1);
  t.ok(longest < 100, `${longest} entries, and two calls at a time`);
});
