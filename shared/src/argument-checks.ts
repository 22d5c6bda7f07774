/**
 * Checks the arguments of public functions, because JavaScript callers may pass values of other types. Each check
 * throws a TableError BAD_REQUEST that states the expected type.
 */

import { TableError } from './errors.ts';

/** The longest duration of Node's timers, in milliseconds. */
const timerMsMax = 2 ** 31 - 1;

/** `what`: the name of the bytes, with its article: "a value". */
export function checkBytes(what: string, bytes: unknown): asserts bytes is Uint8Array {
  if (!(bytes instanceof Uint8Array)) throw wrongArgument(`${what} is a Uint8Array`, bytes);
  // A transferred array has length 0, so it would be stored as empty. The buffer is read only then, because that is
  // slow.
  if (bytes.length === 0 && bytes.buffer instanceof ArrayBuffer && bytes.buffer.detached) {
    throw new TableError('BAD_REQUEST', `${what} has lost its bytes: its buffer was transferred`);
  }
}

/** `what`: the name of the text, with its article: "a key". */
export function checkText(what: string, text: unknown): asserts text is string {
  if (typeof text !== 'string') throw wrongArgument(`${what} is a string`, text);
}

/** `what`: the name of the option or argument. */
export function checkMilliseconds(what: string, ms: unknown): asserts ms is number {
  if (typeof ms === 'number' && ms > 0 && ms <= timerMsMax) return;
  throw wrongArgument(`${what} is more than 0 and at most ${timerMsMax} milliseconds`, ms);
}

/** Whether it is a whole number from 0 that a JavaScript number represents exactly. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The error that states what was expected and what was found: `a key is a string, not null`. */
export function wrongArgument(wanted: string, found: unknown): TableError {
  return new TableError('BAD_REQUEST', `${wanted}, not ${describe(found)}`);
}

/** A number itself; for everything else the type, because its text may be long. */
function describe(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}
