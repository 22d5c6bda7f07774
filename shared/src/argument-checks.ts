/**
 * What JavaScript lets a caller pass to a public function, whatever the types say. Each check throws a TableError
 * BAD_REQUEST that says what is wanted.
 */

import { TableError } from './errors.ts';

/** The longest that a timer of Node can run, in milliseconds. */
const timerMsMax = 2 ** 31 - 1;

/** `what`: what the bytes are, with its article: "a value". */
export function checkBytes(what: string, bytes: unknown): asserts bytes is Uint8Array {
  if (!(bytes instanceof Uint8Array)) throw wrongArgument(`${what} is a Uint8Array`, bytes);
  // Its length is 0 now, so it would be stored as nothing. Only then is the buffer asked for: that takes time.
  if (bytes.length === 0 && bytes.buffer instanceof ArrayBuffer && bytes.buffer.detached) {
    throw new TableError(
      'BAD_REQUEST',
      `${what} has lost its bytes: they were transferred to somewhere else`,
    );
  }
}

/** `what`: what the text is, with its article: "a key". */
export function checkText(what: string, text: unknown): asserts text is string {
  if (typeof text !== 'string') throw wrongArgument(`${what} is a string`, text);
}

/** `what`: the name of the option or argument. */
export function checkMilliseconds(what: string, ms: unknown): asserts ms is number {
  if (typeof ms === 'number' && ms > 0 && ms <= timerMsMax) return;
  throw wrongArgument(`${what} is more than 0 and at most ${timerMsMax} milliseconds`, ms);
}

/** Whether it is a whole number from 0 up that a JavaScript number holds exactly. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The error that says what is wanted and what there is instead: `a key is a string, not null`. */
export function wrongArgument(wanted: string, found: unknown): TableError {
  return new TableError('BAD_REQUEST', `${wanted}, not ${describe(found)}`);
}

/** A number as it is; of everything else the kind, since its text may be long. */
function describe(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}
