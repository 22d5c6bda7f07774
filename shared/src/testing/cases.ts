/** Three failures show what is wrong; more would hide them. */
const failuresMax = 3;

/** The parts of tap's Test that `cases` uses. */
interface Tally {
  readonly counts: { readonly fail: number };
  /** Counts a result only when the next line arrives, unless it is told that the result is complete. */
  readonly parser: { emitResult(): void };
  comment(text: string): void;
}

/**
 * Yields the items of a loop with assertions, `for (const item of cases(t, items))`, until three assertions have failed in
 * the loop. Then it ends the loop, and one line says how many cases were left. For a number of rounds, use
 * `cases(t, Array(rounds).keys())`.
 */
export function* cases<T>(t: Tally, items: Iterable<T>): Generator<T, void, undefined> {
  const all = [...items];
  const failures = () => {
    t.parser.emitResult();
    return t.counts.fail;
  };
  const failuresBefore = failures();
  for (const [index, item] of all.entries()) {
    if (failures() - failuresBefore >= failuresMax) {
      t.comment(
        `stopped after ${failuresMax} failures with ${all.length - index} of ${all.length} cases left`,
      );
      return;
    }
    yield item;
  }
}
