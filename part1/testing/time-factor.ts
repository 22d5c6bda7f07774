/**
 * How many times longer than usual a test may take. The grader, whose calls go to another process, sets `TEST_TIME_FACTOR`; it has a
 * limit of its own for each test, in processor time.
 */
export const timeFactor = Number(process.env.TEST_TIME_FACTOR ?? 1);
