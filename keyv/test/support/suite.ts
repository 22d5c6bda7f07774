import { isDeepStrictEqual } from 'node:util';
import type { Test } from 'tap';

/**
 * Keyv's test suite is written for vitest, of which it uses little: `it`, `beforeEach`, `afterEach`, and a few matchers.
 * These are here, so that its cases run as tests of tap, and vitest is not installed.
 */

type Action = (context: { expect: Expect }) => unknown;

export interface Case {
  readonly title: string;
  /** Whether its values live for a while only. */
  readonly isTimed: boolean;
  run(t: Test): Promise<void>;
}

/** The cases of one group of the suite. */
export function casesOf(group: (test: never) => void): Case[] {
  const before: Action[] = [];
  const after: Action[] = [];
  const cases: { title: string; action: Action }[] = [];
  const collector = {
    beforeEach: (action: Action) => void before.push(action),
    afterEach: (action: Action) => void after.push(action),
    it: (title: string, action: Action) => void cases.push({ title, action }),
  };
  group(collector as never);
  return cases.map(({ title, action }) => ({
    title,
    isTimed: /\bttl\b|expire/i.test(`${title} ${action}`),
    async run(t) {
      const { expect, checkCount } = expectOf(t);
      for (const each of [...before, action, ...after]) await each({ expect });
      checkCount();
    },
  }));
}

interface Matchers {
  toBe(wanted: unknown): void;
  toEqual(wanted: unknown): void;
  toBeTruthy(): void;
  toBeFalsy(): void;
  toBeNull(): void;
  toBeDefined(): void;
  toBeUndefined(): void;
}

interface Expect {
  (found: unknown): Matchers;
  /** How many there are in this case. */
  assertions(count: number): void;
}

function expectOf(t: Test): { expect: Expect; checkCount: () => void } {
  let made = 0;
  let wantedCount: number | undefined;
  const check = (isTrue: boolean, what: string, found: unknown, wanted?: unknown) => {
    made += 1;
    t.ok(isTrue, what, { found, wanted });
  };
  const expect = (found: unknown): Matchers => ({
    toBe: (wanted) => check(Object.is(found, wanted), 'toBe', found, wanted),
    toEqual: (wanted) => check(isDeepStrictEqual(found, wanted), 'toEqual', found, wanted),
    toBeTruthy: () => check(Boolean(found), 'toBeTruthy', found),
    toBeFalsy: () => check(!found, 'toBeFalsy', found),
    toBeNull: () => check(found === null, 'toBeNull', found),
    toBeDefined: () => check(found !== undefined, 'toBeDefined', found),
    toBeUndefined: () => check(found === undefined, 'toBeUndefined', found),
  });
  const assertions = (count: number) => {
    wantedCount = count;
  };
  return {
    expect: Object.assign(expect, { assertions }),
    checkCount: () => t.equal(made, wantedCount ?? made, 'as many assertions as the case states'),
  };
}
