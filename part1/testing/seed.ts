/**
 * The seed of all random tests of a run: the environment variable `TEST_SEED`, or 1. A failing run can be repeated with its
 * seed; another seed gives another run.
 */
export const testSeed = Number(process.env.TEST_SEED ?? 1);
