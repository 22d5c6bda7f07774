/** Checks of conditions that hold unless the code has a bug. Bad input never makes them fail. */

export class AssertionFailure extends Error {
  override readonly name = 'AssertionFailure';
}

/** The condition in words. A function, if building the text on each check would be slow. */
export type AssertionText = string | (() => string);

/** @throws AssertionFailure if `condition` is false. `message` states the condition. */
export function assert(condition: boolean, message: AssertionText): asserts condition {
  if (!condition) throw new AssertionFailure(textOf(message));
}

/** Returns `value`. @throws AssertionFailure when it is missing; `message` says why it cannot be. */
export function must<T>(value: T | undefined | null, message: AssertionText): T {
  if (value === undefined || value === null) throw new AssertionFailure(textOf(message));
  return value;
}

function textOf(message: AssertionText): string {
  return typeof message === 'string' ? message : message();
}

/** The default case of a switch over a union: it does not compile while another case is missing. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`unreachable: ${JSON.stringify(value)}`);
}
