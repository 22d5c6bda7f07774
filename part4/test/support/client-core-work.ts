import { assert } from '@tablelab/shared';
import type { Call } from '../../src/client/core/call.ts';
import type { ClientCore } from '../../src/client/core/client-core.ts';
import type { CallId } from '../../src/client/core/client-effects.ts';
import { defaultClientLimits } from '../../src/client/core/client-limits.ts';
import { newClientState } from '../../src/client/core/client-state.ts';
import type { ClientCoreClass } from './client-core-checks.ts';

const many = 5_000;

/** A few times a heap's depth; visiting all calls each time would be `many`. */
const looksEach = 16 * Math.ceil(Math.log2(many));

const view = { version: 1, servers: [{ id: 0, address: 's', session: '' }] };

/** The work of many calls, counted instead of timed. */
export const clientCoreWork = {
  'calls that end at many deadlines are each looked at a few times': (Core) => {
    const { core, looks } = countedCore(Core);
    // Neither in the order of the calls, nor against it.
    callMany(core, (call) => 1 + ((call * 1_777) % many));
    for (let now = 1; now <= many; now += 1) core.handle({ type: 'wake' }, now);
    const ended = core.takeEffects().flatMap((effect) => (effect.type === 'complete' ? [effect.call] : []));
    assert(new Set(ended).size === many, 'all calls have ended');
    assert(looks() < many * looksEach, () => `${looks()} looks at ${many} calls`);
  },
  'a pause costs no look at all calls that wait': (Core) => {
    const { core, looks } = countedCore(Core);
    callMany(core, () => 1e9);
    core.handle({ type: 'view', view }, 0);
    core.handle({ type: 'connected', connection: 1 }, 0);
    const before = looks();
    const pauses = 1_000;
    for (let token = 1; token <= pauses; token += 1) {
      const answer = { type: 'error', code: 'NOT_READY', detail: '', mayHaveHappened: false } as const;
      core.handle({ type: 'answer', token, answer }, token * 1_000);
      core.handle({ type: 'wake' }, token * 1_000 + 500);
    }
    assert(looks() - before < pauses * looksEach, () => `${looks() - before} looks in ${pauses} pauses`);
  },
  'calls that were answered leave little behind': (Core) => {
    const core = new Core();
    core.handle({ type: 'view', view }, 0);
    for (let call = 0; call < many; call += 1) {
      core.handle({ type: 'call', call, operation: { op: 'size' }, deadline: 1e9 }, 0);
      if (call === 0) core.handle({ type: 'connected', connection: 1 }, 0);
      core.handle({ type: 'answer', token: call + 1, answer: { type: 'size', size: 0 } }, 0);
      checkLeftOver(core);
    }
    assert(core.state.calls.size === 0, 'all calls have ended');
  },
  'calls that were given up behind a patient one leave little behind': (Core) => {
    const core = new Core();
    for (let call = 0; call < many; call += 1) {
      const deadline = call === 0 ? 1e9 : call;
      core.handle({ type: 'call', call, operation: { op: 'size' }, deadline }, call);
      checkLeftOver(core);
    }
    assert(core.state.calls.size === 1, 'all calls but one have ended');
  },
} satisfies Record<string, (Core: ClientCoreClass) => void>;

/** Counts visits of calls. */
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

/** A core, and how many calls and heap entries it has visited. */
function countedCore(Core: ClientCoreClass): { core: ClientCore; looks: () => number } {
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
  const core = Core.from({
    ...state,
    calls,
    deadlines: counted(state.deadlines),
    roles: { head: { ...head, queue: counted(head.queue) }, tail: { ...tail, queue: counted(tail.queue) } },
  });
  return { core, looks: () => calls.looks + entries };
}

function callMany(core: ClientCore, deadlineOf: (call: CallId) => number): void {
  for (let call = 0; call < many; call += 1) {
    core.handle({ type: 'call', call, operation: { op: 'size' }, deadline: deadlineOf(call) }, 0);
  }
}

/** There are two calls without a result at most. */
function checkLeftOver({ state }: ClientCore): void {
  const longest = Math.max(state.deadlines.length, state.roles.tail.queue.length);
  assert(longest < 100, () => `${longest} entries for ${state.calls.size} calls`);
}
