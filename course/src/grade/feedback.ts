/** A failed test in four lines, as a student sees it. */
import { type Grade, type GradedTest, isSecret, type TestRun } from './assess.ts';
import { oneLine } from '../../../scripts/student/failure.ts';

/** The most that a report says about one test, in bytes. */
export const feedbackBytesMax = 4_096;
const lineLengthMax = 700;

export interface FeedbackContext {
  readonly grade: Grade;
  /** Rules in the hand-out's words. */
  readonly rules: ReadonlyMap<string, string>;
}

export function feedbackContext(grade: Grade): FeedbackContext {
  return {
    grade,
    rules: new Map(grade.steps.flatMap(({ rules }) => rules.map(({ anchor, text }) => [anchor, text]))),
  };
}

/** What a student may read about the test now. */
export function feedback(test: GradedTest, context: FeedbackContext): string {
  const failed = test.runs.find(({ ok }) => !ok);
  if (failed === undefined) return '';
  const rule = ruleLine(test, context);
  // Neither the input nor the name: both would tell what is tested.
  if (isSecret(test)) return `${rule}\na test that is shown after the due date failed`;
  const command = `repeat: ${repeatCommand(test)}`;
  if (test.show === 'name') return `${rule}\n${command}`;
  return cut([rule, ...failureLines(failed), command, ...outputLines(failed)].join('\n'));
}

function ruleLine({ rules }: GradedTest, { grade, rules: texts }: FeedbackContext): string {
  const [anchor = ''] = rules;
  return line(`rule: ${texts.get(anchor) ?? ''} (${grade.part}/README.md#${anchor})`);
}

function failureLines({ failures }: TestRun): string[] {
  const [failure] = failures;
  if (failure === undefined) return ['input: unknown', 'expected: the test passes; got: it failed'];
  const { assertion, input, expected, got } = failure;
  const named = assertion !== '' && assertion !== expected ? ` (${assertion})` : '';
  return [line(`input: ${input || 'none'}`), line(`expected: ${expected}; got: ${got}${named}`)];
}

function outputLines({ output }: TestRun): string[] {
  return output.trim() === '' ? [] : [`printed: ${oneLine(output)}`];
}

/** The command that repeats a test, for the student, and the option for the grader. A hidden test is only there. */
function repeatCommand({ id, file }: GradedTest): string {
  const inKit = /part\d\/test\/[\w.-]+$/.exec(file)?.[0];
  const rerun = `npm run grade with --rerun ${id}`;
  return inKit === undefined ? rerun : `npm test -- ${inKit}; for the grader: ${rerun}`;
}

function line(text: string): string {
  const single = text.replace(/\s+/g, ' ');
  return single.length <= lineLengthMax ? single : `${single.slice(0, lineLengthMax)}…`;
}

/** At most {@link feedbackBytesMax} bytes of UTF-8. */
function cut(text: string): string {
  const bytes = Buffer.from(text.toWellFormed());
  if (bytes.length <= feedbackBytesMax) return text.toWellFormed();
  // Without half a character at the end.
  return `${bytes
    .subarray(0, feedbackBytesMax - 4)
    .toString()
    .replace(/\uFFFD+$/, '')}…`;
}
