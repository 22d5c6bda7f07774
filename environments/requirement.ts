/**
 * The `skip` option of a test that needs something that a machine may lack: false if nothing is missing, otherwise the
 * reason, which the run prints at its end. CI sets the variable, so that no test is skipped there.
 * @param missing says what is missing; undefined if nothing is
 * @throws Error when something is missing and the variable is 1
 */
export function skipUnlessRequired(
  variable: 'REQUIRE_DOCKER' | 'REQUIRE_NIX' | 'REQUIRE_BARE',
  missing: string | undefined,
): string | false {
  if (missing === undefined) return false;
  if (process.env[variable] === '1')
    throw new Error(`${missing}, but ${variable}=1 requires these tests to run`);
  return missing;
}
