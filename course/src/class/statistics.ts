/** What a class's results say as a whole. */
import type { ClassResult } from './result.ts';
import type { ClassRow } from './run-class.ts';

export interface Statistics {
  readonly students: number;
  /** With a result; the rest has not been graded yet, or could not be. */
  readonly graded: number;
  readonly notGradable: number;
  readonly pointsMax: number;
  readonly bonusMax: number;
  /** Of those that were graded; undefined if there is none. */
  readonly points: Spread | undefined;
  readonly bonus: Spread | undefined;
  /** How many students have so many points. */
  readonly histogram: readonly Bin[];
  readonly steps: readonly StepStatistics[];
  /** The rules that most students fail come first. */
  readonly rules: readonly RuleStatistics[];
  /** In the order of the test files. */
  readonly tests: readonly TestStatistics[];
}

export interface Spread {
  readonly mean: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface Bin {
  /** Points from here on, below `to`; the last bin has the full points, too. */
  readonly from: number;
  readonly to: number;
  readonly students: number;
}

export interface StepStatistics {
  readonly name: string;
  readonly title: string;
  readonly kind: 'base' | 'bonus';
  readonly pointsMax: number;
  readonly mean: number;
  /** With all points, with some, and with none. */
  readonly full: number;
  readonly some: number;
  readonly none: number;
}

export interface RuleStatistics {
  readonly anchor: string;
  readonly text: string;
  readonly step: string;
  readonly passed: number;
  readonly failed: number;
  readonly notRun: number;
}

export interface TestStatistics {
  readonly id: string;
  readonly name: string;
  readonly isHidden: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly notRun: number;
  /** Of the runs of those who pass it. */
  readonly medianMs: number;
  /** Of all. */
  readonly maxMs: number;
}

const bins = 10;

export function statisticsOf(rows: readonly ClassRow[]): Statistics {
  const results = rows.flatMap(({ result }) => (result === undefined ? [] : [result]));
  const graded = results.filter(({ problem }) => problem === undefined);
  const [first] = results;
  const pointsMax = first?.pointsMax ?? 0;
  return {
    students: rows.length,
    graded: graded.length,
    notGradable: results.length - graded.length,
    pointsMax,
    bonusMax: first?.bonusMax ?? 0,
    points: spread(graded.map(({ points }) => points)),
    bonus: spread(graded.map(({ bonus }) => bonus)),
    histogram: histogram(
      graded.map(({ points }) => points),
      pointsMax,
    ),
    steps: stepStatistics(graded),
    rules: ruleStatistics(graded),
    tests: testStatistics(graded),
  };
}

function spread(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    min: Math.min(...values),
    median: median(values),
    max: Math.max(...values),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

function histogram(values: readonly number[], max: number): Bin[] {
  const width = max / bins;
  return Array.from({ length: max === 0 ? 0 : bins }, (_, index) => {
    const [from, to] = [index * width, (index + 1) * width];
    const isLast = index === bins - 1;
    return { from, to, students: values.filter((value) => value >= from && (value < to || isLast)).length };
  });
}

function stepStatistics(results: readonly ClassResult[]): StepStatistics[] {
  const [first] = results;
  return (first?.steps ?? []).map(({ name, title, kind, pointsMax }) => {
    const points = results.map(({ steps }) => steps.find((step) => step.name === name)?.points ?? 0);
    // Thirds of points do not add up exactly.
    const full = points.filter((value) => value > pointsMax - 1e-6).length;
    const none = points.filter((value) => value === 0).length;
    return {
      ...{ name, title, kind, pointsMax, full, none },
      some: points.length - full - none,
      mean: points.reduce((sum, value) => sum + value, 0) / points.length,
    };
  });
}

function ruleStatistics(results: readonly ClassResult[]): RuleStatistics[] {
  const rules = new Map<string, { -readonly [Field in keyof RuleStatistics]: RuleStatistics[Field] }>();
  for (const { steps } of results) {
    for (const { title, rules: ofStep } of steps) {
      for (const { anchor, text, state } of ofStep) {
        const rule = rules.get(anchor) ?? { anchor, text, step: title, passed: 0, failed: 0, notRun: 0 };
        rules.set(anchor, rule);
        rule[counters[state]] += 1;
      }
    }
  }
  return [...rules.values()].sort((one, other) => other.failed + other.notRun - one.failed - one.notRun);
}

const counters = { passed: 'passed', failed: 'failed', 'not run': 'notRun' } as const;

function testStatistics(results: readonly ClassResult[]): TestStatistics[] {
  const tests = new Map<string, ClassResult['tests'][number][]>();
  for (const result of results) {
    for (const test of result.tests) tests.set(test.id, [...(tests.get(test.id) ?? []), test]);
  }
  return [...tests].map(([id, runs]) => {
    const count = (state: string) => runs.filter((run) => run.state === state).length;
    const passing = runs.filter(({ state }) => state === 'passed').map(({ ms }) => ms);
    return {
      ...{ id, name: runs[0]?.name ?? '', isHidden: runs[0]?.isHidden ?? false },
      ...{ passed: count('passed'), failed: count('failed'), notRun: count('not run') },
      medianMs: passing.length === 0 ? 0 : median(passing),
      maxMs: Math.max(...runs.map(({ ms }) => ms)),
    };
  });
}
