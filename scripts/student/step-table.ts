import type { HandoutPart, HandoutStep } from './handout.ts';
import { pointsFor, pointsText, ruleState } from './points.ts';
import type { FileResult, TestResult } from './test-results.ts';

/** Why a rule is not earned. */
export interface Failure {
  /** `part1/README.md#list-add-appends` */
  readonly rule: string;
  readonly file: string;
  readonly lines: readonly string[];
  /** False: none of its tests ran, so there is nothing to see yet. */
  readonly hasRun: boolean;
}

export interface StepResult {
  readonly step: HandoutStep;
  readonly passed: readonly string[];
  readonly failures: readonly Failure[];
}

/**
 * What a part's tests say of each step.
 * @param files the results of the part's graded files: a rule's tests may be in any of them
 */
export function stepResults({ part, steps }: HandoutPart, files: readonly FileResult[]): StepResult[] {
  return steps.map((step) => {
    const passed: string[] = [];
    const failures: Failure[] = [];
    for (const anchor of step.rules) {
      const failure = failureOf(`part${part}/README.md#${anchor}`, step, files);
      if (failure === undefined) passed.push(anchor);
      else failures.push(failure);
    }
    return { step, passed, failures };
  });
}

function failureOf(rule: string, step: HandoutStep, files: readonly FileResult[]): Failure | undefined {
  const tests = files.flatMap(({ file, tests }) =>
    tests.filter(({ rules }) => rules.includes(rule)).map((test) => ({ file, test })),
  );
  const state = ruleState(tests.map(({ test }) => test.state));
  if (state === 'passed') return undefined;
  const first = tests.find(({ test }) => test.state === state);
  if (first !== undefined) return { rule, file: first.file, lines: linesOf(first.test), hasRun: true };
  const broken = files.find(({ file, problem }) => problem !== undefined && step.tests.includes(file));
  return {
    rule,
    file: broken?.file ?? step.tests[0] ?? '',
    lines: [broken?.problem ?? 'none of its tests ran'],
    hasRun: broken !== undefined,
  };
}

function linesOf({ title, details }: TestResult): string[] {
  return [title.replace(/ \(part\d\/README\.md#[a-z0-9-]+\)$/, ''), ...details.map((line) => `  ${line}`)];
}

/**
 * The steps with only those rules that these files test, because a step's other rules have their tests in other files. Each rule keeps
 * its share of the points. What a file tests is known only if it ran to its end, and a process that ends early leaves a failed test.
 */
export function testedSteps({ part, steps }: HandoutPart, files: readonly FileResult[]): HandoutStep[] {
  const named = new Set(files.flatMap(({ tests }) => tests.flatMap(({ rules }) => rules)));
  return steps.flatMap((step) => {
    const own = files.filter(({ file }) => step.tests.includes(file));
    if (own.some(({ problem, tests }) => problem !== undefined || !isAllMet(tests))) return [step];
    const rules = step.rules.filter((anchor) => named.has(`part${part}/README.md#${anchor}`));
    if (rules.length === 0) return [];
    return [{ ...step, rules, hiddenRules: 0, points: earned(step, rules) }];
  });
}

function isAllMet(tests: readonly TestResult[]): boolean {
  return tests.length > 0 && tests.every(({ state }) => state === 'passed');
}

/**
 * Of a part: a line for each step that has a result, with the step's number in the part, and the sum.
 */
export function tableLines({ part, title, steps }: HandoutPart, results: readonly StepResult[]): string[] {
  const width = Math.max(...results.map(({ step }) => label(step).length), 'total'.length);
  const row = (name: string, rules: string, points: string) =>
    `  ${name.padEnd(width)}  ${rules.padStart(10)}  ${points.padStart(14)}`;
  const rows = results.map(({ step, passed }) =>
    row(label(step), `${passed.length} of ${step.rules.length}`, share(earned(step, passed), step.points)),
  );
  const sum = (of: (result: StepResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  const points = share(
    sum(({ step, passed }) => earned(step, passed)),
    sum(({ step }) => step.points),
  );
  const rules = `${sum(({ passed }) => passed.length)} of ${sum(({ step }) => step.rules.length)}`;
  return [
    `part ${part}: ${title}`,
    row('step', 'rules', 'points'),
    ...rows,
    row('total', rules, points),
    ...hiddenLines(results),
  ];

  function label({ name, title, kind }: HandoutStep): string {
    return `${steps.findIndex((step) => step.name === name) + 1} ${name}: ${title}${kind === 'bonus' ? ' (bonus)' : ''}`;
  }
}

export function earned({ points, rules, hiddenRules }: HandoutStep, passed: readonly string[]): number {
  return pointsFor(points, { earned: passed.length, rules: rules.length + hiddenRules });
}

function hiddenLines(results: readonly StepResult[]): string[] {
  const hidden = results.reduce((total, { step }) => total + step.hiddenRules, 0);
  if (hidden === 0) return [];
  return [
    `  ${hidden} more ${hidden === 1 ? 'rule is' : 'rules are'} tested after the due date: passing all tests here does not give all points.`,
  ];
}

function share(part: number, whole: number): string {
  return `${pointsText(part)} of ${pointsText(whole)}`;
}

/**
 * The first rule that is not earned, in the order in which the steps are built, and how to repeat its test; one whose tests ran comes
 * before one whose tests did not.
 * @param wordsOf a rule in the hand-out's words
 */
export function nextLines(
  results: readonly StepResult[],
  wordsOf: (rule: string) => string | undefined = () => undefined,
): string[] {
  const all = results.flatMap(({ failures }) => failures);
  const failure = all.find(({ hasRun }) => hasRun) ?? all[0];
  if (failure === undefined) return [];
  const words = wordsOf(failure.rule);
  const left = all.length - 1;
  return [
    `next: ${failure.rule}`,
    ...(words === undefined ? [] : [`  rule: ${words}`]),
    ...failure.lines.map((line) => `  ${line}`),
    `  repeat it: npm test -- ${failure.file}`,
    ...pageLines(failure.rule),
    ...(left > 0
      ? [`${left} more ${left === 1 ? 'rule is' : 'rules are'} not met; to see all: npm test -- --all`]
      : []),
  ];
}

/** Each scenario of part 4 is a lesson of the page, which plays it with the student's core. */
function pageLines(rule: string): string[] {
  const [, scenario] = /^part4\/README\.md#(scenario-\d+)$/.exec(rule) ?? [];
  return scenario === undefined ? [] : [`  see it in a browser: npm run page -- --rule ${scenario}`];
}

export function allFailureLines(results: readonly StepResult[]): string[] {
  return results.flatMap(({ failures }) =>
    failures.flatMap(({ rule, file, lines }) => [
      `FAILED ${rule} (${file})`,
      ...lines.map((line) => `  ${line}`),
    ]),
  );
}
