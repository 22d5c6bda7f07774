/** So many failures show what is wrong; the rest would only bury them. */
const failuresMax = 3;

/** What is needed of a test of tap. */
interface Tally {
  readonly counts: { readonly fail: number };
  /** Counts a result only when it knows that all of it is there, unless told so. */
  readonly parser: { emitResult(): void };
  comment(text: string): void;
}

/**
 * The items of a loop with assertions in its body, `for (const item of cases(t, items))`, until three assertions have failed
 * there; then one line says how many cases were left. For a number of rounds: `cases(t, Array(rounds).keys())`.
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
