/** Tests of the tests: the checks of shared-memory-locks.test.ts catch mistakes in the reference. They grade nobody. */
import t, { type Test } from 'tap';
import type { Condition } from '../src/shared-memory/condition.ts';
import type { Mutex } from '../src/shared-memory/mutex.ts';
import { type Broken, brokenConditions, brokenMutexes, brokenSource } from './support/broken-locks.ts';
import { exploreCondition, exploreLocks, sampleLocks } from './support/lock-exploration.ts';

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
