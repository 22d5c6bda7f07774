import { readFileSync } from 'node:fs';

/** A change of one place in a source file that breaks a mutex or a condition. */
export interface Broken {
  readonly file: 'mutex.ts' | 'condition.ts';
  readonly name: string;
  readonly right: string;
  readonly wrong: string;
  /** The broken rule, as the check reports it. */
  readonly violation: RegExp;
}

export const brokenMutexes: readonly Broken[] = [
  {
    file: 'mutex.ts',
    name: 'no re-check after waking',
    right: `throw this.#notReleased(deadline);
    }
    this.#lockInQueue(deadline);`,
    wrong: `throw this.#notReleased(deadline);
      return this.#own();
    }
    this.#lockInQueue(deadline);`,
    violation: /in the section at once/,
  },
  {
    file: 'mutex.ts',
    name: 'notify before release, without a count of waiters',
    right: `Atomics.store(this.#words, this.#state, free);
      if`,
    wrong: `Atomics.notify(this.#words, this.#state, 1);
      Atomics.store(this.#words, this.#state, free);
      if (this.#isQueueEmpty()) return;
      if`,
    violation: /a wake-up is lost/,
  },
  {
    file: 'mutex.ts',
    name: 'plain load and store instead of exchange, before sleeping',
    right: 'if (Atomics.exchange(this.#words, this.#state, contended) === free) return this.#own();',
    wrong: `const before = this.#words[this.#state];
      this.#words[this.#state] = contended;
      if (before === free) return this.#own();`,
    violation: /in the section at once/,
  },
  {
    file: 'mutex.ts',
    name: 'plain load and store instead of compare-and-exchange, to take a free lock',
    right: 'if (Atomics.compareExchange(this.#words, this.#state, free, held) !== free) return false;',
    wrong: `if (this.#words[this.#state] !== free) return false;
    this.#words[this.#state] = held;`,
    violation: /in the section at once/,
  },
  {
    file: 'mutex.ts',
    name: 'sleeps on a lock that is not marked contended',
    right: 'if (Atomics.exchange(this.#words, this.#state, contended) === free) return this.#own();',
    wrong: `if (this.tryLock()) return;
      if (Atomics.load(this.#words, this.#state) === held) {
        Atomics.wait(this.#words, this.#state, held, deadline.leftMs());
        continue;
      }`,
    violation: /a wake-up is lost/,
  },
  {
    file: 'mutex.ts',
    name: 'no second look at the queue after the release',
    right: 'if (this.#isQueueEmpty()) {',
    wrong: 'if (true) {',
    violation: /a wake-up is lost/,
  },
  {
    file: 'mutex.ts',
    name: 'the queue moved on after the grant, no longer under the lock',
    right: `Atomics.store(this.#words, this.#served, (ticket + 1) | 0);
      if (Atomics.compareExchange(this.#words, place, waiting, granted) === waiting) {`,
    wrong: `const isGranted = Atomics.compareExchange(this.#words, place, waiting, granted) === waiting;
      Atomics.store(this.#words, this.#served, (ticket + 1) | 0);
      if (isGranted) {`,
    violation: /./,
  },
  {
    file: 'mutex.ts',
    name: 'who gives up leaves the place as if waiting',
    right: `if (Atomics.compareExchange(this.#words, place, waiting, abandoned) === waiting) {
        throw`,
    wrong: `if (Atomics.load(this.#words, place) === waiting) {
        throw`,
    violation: /./,
  },
];

export const brokenConditions: readonly Broken[] = [
  {
    file: 'condition.ts',
    name: 'the sequence read after the mutex was given up',
    right: `const sequence = Atomics.load(this.#words, this.#sequence);
    mutex.unlock();`,
    wrong: `mutex.unlock();
    const sequence = Atomics.load(this.#words, this.#sequence);`,
    violation: /a wake-up is lost/,
  },
  {
    file: 'condition.ts',
    name: 'a notification that does not raise the sequence',
    right: 'Atomics.add(this.#words, this.#sequence, 1);',
    wrong: '',
    violation: /a wake-up is lost/,
  },
  {
    file: 'condition.ts',
    name: 'waiting without taking the mutex again',
    right: 'lockAgainWithRetry(mutex);',
    wrong: '',
    violation: /only the thread that holds a lock/,
  },
];

/** The file's text with the change. @throws if the original text does not occur exactly once */
export function brokenSource({ file, name, right, wrong }: Broken): string {
  const folder = new URL('../../src/shared-memory/', import.meta.url);
  const source = readFileSync(new URL(file, folder), 'utf8').replaceAll(" from './", ` from '${folder}`);
  const [before, after, ...more] = source.split(right);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`${file} has changed: where is what the variant "${name}" breaks?`);
  }
  return before + wrong + after;
}
