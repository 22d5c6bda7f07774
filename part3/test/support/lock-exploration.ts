import { testSeed } from '@tablelab/part1/testing';
import { seededRandom } from '@tablelab/shared';
import type { Condition } from '../../src/shared-memory/condition.ts';
import { Mutex } from '../../src/shared-memory/mutex.ts';
import { conditionWords, locking, notifying, type Way, waiting } from '../sandboxed/thread-code.ts';
import { type Exploration, exploreAll, runOrder, type ThreadView, Violation } from './interleavings.ts';

/** Mutexes and conditions in every order of their threads' steps. */

/** Words 1 to 3 of a mutex, see mutex.ts. */
const [stateWord, holderWord, issuedWord] = [0, 1, 2];

export function lockExploration(
  MutexClass: typeof Mutex,
  ways: readonly Way[],
  more: Partial<Exploration> = {},
) {
  const calls = ways.map((way, thread) => `thread ${thread} calls ${way}`);
  return {
    input: `${calls.join(', ')}; each then enters the critical section, leaves it, and calls unlock`,
    words: Mutex.words,
    threads: ways.map((way, thread) => locking(MutexClass, thread, way)),
    rounds: 2,
    quietWords: [holderWord],
    // Those in front are the others that queue, or the one that has the lock.
    queue: { tickets: issuedWord, state: stateWord, overtakesMax: ways.length - 1 },
    statesMax: 200_000,
    ...more,
  };
}

/** The checks that every mutex must pass; throws Violation otherwise. Returns the number of states. */
export function exploreLocks(MutexClass: typeof Mutex): number {
  return (
    exploreAll(lockExploration(MutexClass, ['lock', 'lockLowPriority'])) +
    exploreAll(lockExploration(MutexClass, ['lockLowPriority', 'lockLowPriority'])) +
    exploreAll(lockExploration(MutexClass, ['lock', 'lock'])) +
    exploreAll(lockExploration(MutexClass, ['lock', 'lockLowPriority'], { impatient: [0] }))
  );
}

/** A scheduler that picks threads at random until all have ended. */
export function byChance(seed: number) {
  const random = seededRandom(seed);
  return (threads: ThreadView[]): number | undefined => {
    const able = threads.flatMap(({ canRun }, number) => (canRun ? [number] : []));
    return able.length === 0 ? undefined : random.pick(able);
  };
}

/** Four threads in random orders, because there are too many to try all. Throws Violation. */
export function sampleLocks(MutexClass: typeof Mutex): void {
  const ways = ['lock', 'lockLowPriority', 'lock', 'lock'] as const;
  const exploration = lockExploration(MutexClass, ways);
  for (let run = 0; run < 200; run += 1) {
    const entered = runOrder(exploration, byChance(testSeed * 200 + run));
    if (entered.length !== ways.length * exploration.rounds) {
      throw new Violation('a wake-up is lost: a thread sleeps for ever', undefined);
    }
  }
}

/** Condition: one thread waits until another has set a word under the lock. */
export function exploreCondition(
  ConditionClass: typeof Condition,
  notify: 'notifyOne' | 'notifyAll',
): number {
  const waits = 'thread 0 locks, and calls wait until a word is set';
  return exploreAll({
    input: `${waits}; thread 1 locks, sets the word, unlocks, and calls ${notify}`,
    words: conditionWords,
    threads: [waiting(ConditionClass), notifying(ConditionClass, notify)],
    entering: [0],
    rounds: 1,
    quietWords: [holderWord],
    statesMax: 200_000,
  });
}
