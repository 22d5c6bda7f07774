/**
 * For the `skip` option of a test that needs what a machine may not have: `false` where it is there, otherwise why the
 * test is skipped, which the summary of the run repeats. CI sets the variable, and there nothing is skipped.
 * @param missing what is missing; undefined when nothing is.
 * @throws Error when something is missing and the variable says that it must not be.
 */
export function skipUnlessRequired(
  variable: 'REQUIRE_DOCKER' | 'REQUIRE_NIX' | 'REQUIRE_BARE',
  missing: string | undefined,
): string | false {
  if (missing === undefined) return false;
  if (process.env[variable] === '1')
    throw new Error(`${missing}, and ${variable}=1 wants these tests to run`);
  return missing;
}
