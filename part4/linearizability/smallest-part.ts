import { check } from './check.ts';
import type { Operation, Value } from './operation.ts';

/** How many parts are tried, and how many operations they have together. */
const triesMax = 2_000;
const triedOperationsMax = 400_000;
/** The limit of each search; see {@link check}. */
const stepsMax = 50_000;

/**
 * A part of a history for which no order exists, and which has no operation to spare: without any one of its operations there is an
 * order, or the rest would miss what it needs. Undefined if the history is linearizable, or if nobody knows.
 *
 * A read may always be left out. A write may be only if no answer in the rest depends on it: otherwise, a part without an order could belong to a
 * history that has one. This is the idea of delta debugging (Zeller & Hildebrandt 2002), one operation at a time.
 */
export function smallestPart(history: readonly Operation[]): readonly Operation[] | undefined {
  const whole = check(history);
  if (whole.verdict !== 'not-linearizable') return undefined;
  const { key } = whole;
  let part = history.filter(
    (operation) => operation.outcome !== 'did-not-happen' && concerns(operation, key),
  );
  let tries = 0;
  const hasOrder = (rest: readonly Operation[]) => {
    tries += 1;
    return check(rest, { stepsMax }).verdict !== 'not-linearizable';
  };
  if (hasOrder(part)) return history;
  for (let isShorter = true; isShorter; ) {
    isShorter = false;
    // The last first: what comes after the contradiction is not needed for it.
    for (const operation of part.toReversed()) {
      const rest = part.filter((other) => other !== operation);
      if (tries >= triesMax || tries * part.length > triedOperationsMax) return part;
      if (!canSpare(rest, operation) || hasOrder(rest)) continue;
      part = rest;
      isShorter = true;
    }
  }
  return part;
}

function concerns(operation: Operation, key: string | undefined): boolean {
  return key === undefined || !('key' in operation) || operation.key === key;
}

/** Whether `rest` has an order if it has one together with the operation. */
function canSpare(rest: readonly Operation[], operation: Operation): boolean {
  if (!('value' in operation) && operation.kind !== 'del') return true;
  const value = 'value' in operation ? operation.value : undefined;
  return rest.every((other) => !concerns(operation, keyOf(other)) || !dependsOn(other, value));
}

function keyOf(operation: Operation): string | undefined {
  return 'key' in operation ? operation.key : undefined;
}

/** Whether an answer may depend on a write of this value, or of none. */
function dependsOn(operation: Operation, value: Value | undefined): boolean {
  if (operation.outcome !== 'ok')
    return operation.kind === 'put-if-equals' || operation.kind === 'put-if-absent';
  switch (operation.kind) {
    case 'put':
      return false;
    case 'get':
      return operation.result === value || String(operation.result) === String(value);
    case 'del':
      return operation.result !== undefined;
    default:
      // Whether a key exists, or what all of them are.
      return true;
  }
}
