/** Tests of the tests: the checks of shared-memory-locks.test.ts catch mistakes in the reference. They grade nobody. */
import t, { type Test } from 'tap';
import type { Condition } from '../src/shared-memory/condition.ts';
import { Mutex } from '../src/shared-memory/mutex.ts';
import { type Operation, ThreadCode } from './sandboxed/thread-code.ts';
import { type Broken, brokenConditions, brokenMutexes, brokenSource } from './support/broken-locks.ts';
import { exploreAll } from './support/interleavings.ts';
import { exploreCondition, exploreLocks, lockExploration, sampleLocks } from './support/lock-exploration.ts';

/** Loads a source file with one change. The copy is in the repository, so its imports are found. */
async function loadBroken(t: Test, broken: Broken): Promise<Record<string, unknown>> {
  const directory = t.testdir({ 'broken.ts': brokenSource(broken) });
  return import(`${directory}/broken.ts`);
}

for (const broken of brokenMutexes) {
  t.test(`mutex: the checks catch this one: ${broken.name}`, async (t) => {
    const { Mutex: BrokenMutex } = (await loadBroken(t, broken)) as { Mutex: typeof Mutex };
    t.throws(() => {
      exploreLocks(BrokenMutex);
      sampleLocks(BrokenMutex);
    }, broken.violation);
  });
}

for (const broken of brokenConditions) {
  t.test(`condition: the checks catch this one: ${broken.name}`, async (t) => {
    const { Condition: BrokenCondition } = (await loadBroken(t, broken)) as { Condition: typeof Condition };
    t.throws(() => exploreCondition(BrokenCondition, 'notifyOne'), broken.violation);
  });
}

/** Operations that somebody may report, in place of those that a mutex does, to pass: in this order, whatever they result in. */
const forged: readonly { name: string; operations: readonly Operation[]; violation: RegExp }[] = [
  { name: 'none at all', operations: [], violation: /thread 0 ends without its turn/ },
  {
    name: 'all but the entry',
    operations: [{ kind: 'exchange', index: 0, value: 1 }],
    violation: /thread 0 ends without its turn/,
  },
  {
    name: 'the exit of another',
    operations: [
      { kind: 'leave', index: 0 },
      { kind: 'enter', index: 0 },
    ],
    violation: /thread 0 leaves without being inside/,
  },
  {
    name: 'a word that there is not',
    operations: [{ kind: 'store', index: 4_000, value: 1 }],
    violation: /thread 0 uses word 4000/,
  },
];

for (const { name, operations, violation } of forged) {
  t.test(`the model believes no operations that are no lock: ${name}`, async (t) => {
    class Forged extends ThreadCode {
      override next(...results: unknown[]): Operation | undefined {
        return operations[results.length];
      }
    }
    const threads = [0, 1].map(() => new Forged(1, () => undefined));
    t.throws(() => exploreAll(lockExploration(Mutex, [], { threads })), violation);
  });
}
