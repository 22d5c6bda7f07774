import { checkKey } from '@tablelab/part1';
import { TableError } from '@tablelab/shared';
import type { WriteNameAsked } from '../write-name.ts';

/**
 * What JavaScript lets a caller pass to the stub, whatever the types say. Each throws a TableError BAD_REQUEST that says
 * what is wanted.
 */

/** The longest that a timer of Node can run, in milliseconds. */
const timerMsMax = 2 ** 31 - 1;

export function checkKeyArgument(key: unknown): asserts key is string {
  if (typeof key !== 'string') throw badRequest(`a key is a string, not ${describe(key)}`);
  checkKey(key);
}

export function checkValue(value: unknown): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) throw badRequest(`a value is a Uint8Array, not ${describe(value)}`);
}

export function checkWriteName(name: unknown): asserts name is WriteNameAsked {
  const { seq, epoch } = Object(name) as { seq: unknown; epoch: unknown };
  if (isCount(seq) && (epoch === undefined || isCount(epoch))) return;
  throw badRequest(`a write is named by { epoch, seq }, not by ${describe(name)}`);
}

export function checkMilliseconds(what: string, ms: unknown): void {
  if (typeof ms === 'number' && ms > 0 && ms <= timerMsMax) return;
  throw badRequest(`${what} is more than 0 and at most ${timerMsMax} milliseconds, not ${describe(ms)}`);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function describe(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return value === null ? 'null' : (Object(value).constructor?.name ?? typeof value);
}

function badRequest(text: string): TableError {
  return new TableError('BAD_REQUEST', text);
}
