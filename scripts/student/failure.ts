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
  const details = fieldsOf(extra);
  const assertion = oneLine(typeof message === 'string' ? message : '');
  if (details.type === stoppedName) return { assertion: '', input, expected: 'a result', got: assertion };
  if (isThrown(details)) {
    const got = oneLine(`${details.type ?? 'an error'}: ${reasonOf(assertion, details)}`);
    return { assertion: '', input, expected: 'no error', got };
  }
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
  return { assertion, input, expected: assertion, got: 'it does not hold' };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return (typeof value === 'object' && value !== null ? value : {}) as Fields;
}

/** An assertion that fails has a stack, too, where its results have been through TAP. */
function isThrown({ type, tapCaught, cause }: Fields): boolean {
  return type !== undefined || tapCaught !== undefined || cause !== undefined;
}

/** What tap says of an error that it does not know. */
const unknownError = 'unhandled error';
/** How fast-check begins to say for which input a property fails; the cause says why. */
const propertyFailed = 'Property failed';

/** The message; of a program that failed, the reason that it printed; of a property, also why it failed. */
function reasonOf(message: string, { stderr, cause }: Fields): string {
  const printed = typeof stderr === 'string' ? stderr.trim().split('\n') : [];
  const reason = printed.findLast((line) => /^\w*Error\b/.test(line)) ?? printed.at(-1);
  if (message === unknownError) return reason ?? message;
  const { message: why } = fieldsOf(cause);
  if (message.startsWith(propertyFailed) && typeof why === 'string') return `${why} (${message})`;
  return reason === undefined ? message : `${message} (${reason})`;
}

/** A value up to this length is shown whole, a longer one only where the two differ. */
const wholeLengthMax = 160;

/** The two sides of a difference. */
function sidesOf(diff: string): { expected: string; got: string } {
  const lines = diff.split('\n').filter((line) => !/^(---|\+\+\+|@@)/.test(line));
  const side = (mark: string, common: string) =>
    oneLine(
      lines
        .filter((line) => line.startsWith(common) || line.startsWith(mark))
        .map((line) => line.slice(1))
        .join(' '),
    );
  const whole = { expected: side('-', ' '), got: side('+', ' ') };
  if (Math.max(whole.expected.length, whole.got.length) <= wholeLengthMax) return whole;
  return { expected: side('-', '-') || 'nothing more', got: side('+', '+') || 'nothing more' };
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

// biome-ignore lint/suspicious/noControlCharactersInRegex: a submission's messages may contain any
const blank = /[\u0000-\u001f\u007f-\u009f\s]+/g;

/** Characters that take no room, such as a byte order mark: two texts that differ in them would look the same. */
const invisible = /[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

export function oneLine(text: string): string {
  const line = text.replace(invisible, escaped).replace(blank, ' ').trim();
  return line.length <= textLengthMax ? line : `${line.slice(0, textLengthMax)}…`;
}
