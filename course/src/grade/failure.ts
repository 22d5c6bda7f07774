/** A failed assertion, in words that fit into four lines of a report. */
import { inspect } from 'node:util';

export interface Failure {
  /** What the assertion is called in the test. */
  readonly assertion: string;
  /** The calls that led to it. */
  readonly input: string;
  readonly expected: string;
  readonly got: string;
}

const textLengthMax = 600;
/** The class of the error that a call throws when the student's process has stopped. */
const stoppedName = 'StudentStopped';

/** @param extra what tap says about the assertion. */
export function failureOf(message: unknown, extra: unknown, input: string): Failure {
  const details = (typeof extra === 'object' && extra !== null ? extra : {}) as Readonly<
    Record<string, unknown>
  >;
  const assertion = oneLine(typeof message === 'string' ? message : '');
  const thrown = details.type ?? details.stack;
  if ('found' in details || 'wanted' in details) {
    const negated = details.compare === '!==' ? 'not ' : '';
    return {
      assertion,
      input,
      expected: negated + valueText(details.wanted ?? details.doNotWant),
      got: valueText(details.found),
    };
  }
  if (typeof details.diff === 'string') return { assertion, input, ...sidesOf(details.diff) };
  if (details.type === stoppedName) {
    return { assertion: '', input, expected: 'a result', got: assertion };
  }
  if (thrown !== undefined) {
    return {
      assertion: '',
      input,
      expected: 'no error',
      got: oneLine(`${details.type ?? 'an error'}: ${assertion}`),
    };
  }
  return { assertion, input, expected: assertion, got: 'it does not hold' };
}

/** The two sides of a difference: lines that only one of them has, and what they have in common. */
function sidesOf(diff: string): { expected: string; got: string } {
  const lines = diff.split('\n').filter((line) => !/^(---|\+\+\+|@@)/.test(line));
  const side = (mark: string) =>
    oneLine(
      lines
        .filter((line) => line.startsWith(' ') || line.startsWith(mark))
        .map((line) => line.slice(1))
        .join(' '),
    );
  return { expected: side('-'), got: side('+') };
}

function valueText(value: unknown): string {
  return oneLine(
    inspect(value, {
      depth: 3,
      breakLength: Number.POSITIVE_INFINITY,
      maxArrayLength: 20,
      maxStringLength: 200,
    }),
  );
}

export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a submission's messages may contain any
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\s]+/g, ' ').trim();
  return line.length <= textLengthMax ? line : `${line.slice(0, textLengthMax)}…`;
}
