/**
 * The seed of all random tests of a run: the environment variable `TEST_SEED`, or 1. A failing run can be repeated with its
 * seed; another seed gives another run.
 */
export const testSeed = Number(process.env.TEST_SEED ?? 1);

/** How many runs, with a seed each, make up a whole test: the grader's, whose calls are slow. */
const seeds = Number(process.env.TEST_SEEDS ?? 1);

/** How many of a random test's cases this run is to make: a third of them if there are three seeds. */
export function casesPerSeed(cases: number): number {
  return Math.ceil(cases / seeds);
}
