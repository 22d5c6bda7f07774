/** What has changed since another run, and why. */
import type { DigestName } from './digests.ts';
import { digestNames } from './digests.ts';
import type { ClassResult } from './result.ts';

export interface Change {
  readonly student: string;
  /** Base and bonus together; undefined: the student is not in that run. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly tests: readonly TestChange[];
  readonly causes: readonly Cause[];
}

export interface TestChange {
  readonly id: string;
  readonly name: string;
  /** 'absent': that run did not have the test. */
  readonly before: TestState;
  readonly after: TestState;
}

type TestState = ClassResult['tests'][number]['state'] | 'absent';

/** `none`: all that decides is the same, so the result should be, too. */
export type Cause = DigestName | 'new student' | 'not there any more' | 'none';

/** The students whose points or tests differ, in the order of their names. Those that have not changed are not among them. */
export function compareClasses(
  before: ReadonlyMap<string, ClassResult>,
  after: ReadonlyMap<string, ClassResult>,
): Change[] {
  const students = [...new Set([...before.keys(), ...after.keys()])].sort();
  return students.flatMap((student) => {
    const [old, now] = [before.get(student), after.get(student)];
    const tests = testChanges(old, now);
    const [oldTotal, nowTotal] = [totalOf(old), totalOf(now)];
    const isSame = oldTotal === nowTotal && tests.length === 0 && old?.problem === now?.problem;
    if (isSame) return [];
    return [{ student, before: oldTotal, after: nowTotal, tests, causes: causesOf(old, now) }];
  });
}

function totalOf(result: ClassResult | undefined): number | undefined {
  return result === undefined ? undefined : result.points + result.bonus;
}

function testChanges(old: ClassResult | undefined, now: ClassResult | undefined): TestChange[] {
  if (old === undefined || now === undefined) return [];
  // By name: a new test in the middle of a file changes the numbers of those behind it.
  const before = new Map(old.tests.map((test) => [test.name, test]));
  const after = new Map(now.tests.map((test) => [test.name, test]));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name): TestChange[] => {
    const [one, other] = [before.get(name), after.get(name)];
    const was: TestState = one?.state ?? 'absent';
    const is: TestState = other?.state ?? 'absent';
    return was === is ? [] : [{ id: other?.id ?? one?.id ?? '', name, before: was, after: is }];
  });
}

function causesOf(old: ClassResult | undefined, now: ClassResult | undefined): Cause[] {
  if (old === undefined) return ['new student'];
  if (now === undefined) return ['not there any more'];
  const causes = digestNames.filter((name) => old.digests[name] !== now.digests[name]);
  return causes.length === 0 ? ['none'] : causes;
}
