/** Checks of what must hold if the code is right. A failure is a bug, never a consequence of bad input. */

export class AssertionFailure extends Error {
  override readonly name = 'AssertionFailure';
}

/** What had to hold: a function where the text is made of values, and made often, so that it is made only when needed. */
export type AssertionText = string | (() => string);

/** @throws AssertionFailure when `condition` is false. `message` says what had to hold. */
export function assert(condition: boolean, message: AssertionText): asserts condition {
  if (!condition) throw new AssertionFailure(textOf(message));
}

/** Returns `value`, which must be there. `message` says why it has to be. */
export function must<T>(value: T | undefined | null, message: AssertionText): T {
  if (value === undefined || value === null) throw new AssertionFailure(textOf(message));
  return value;
}

function textOf(message: AssertionText): string {
  return typeof message === 'string' ? message : message();
}

/** Ends a switch over a union: the compiler refuses the call while a case is missing. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`unreachable: ${JSON.stringify(value)}`);
}
