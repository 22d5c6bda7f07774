/**
 * What all random tests of a run begin with: the environment's `TEST_SEED`, else 1, so that a run that fails can be
 * had again, and other runs by choosing other numbers.
 */
export const testSeed = Number(process.env.TEST_SEED ?? 1);
