/**
 * Prints which test finds each broken core of mutants.ts, how many seeds of the simulator that takes, and the rule that
 * was seen broken:
 *
 *     npx node part4/test/mutants/table.ts
 */
import { catchMutant } from './catch-mutant.ts';
import { mutants } from './mutants.ts';

let escaped = 0;
for (const mutant of mutants) {
  const caught = await catchMutant(mutant);
  if (caught === undefined) escaped += 1;
  const { by, rule } = caught ?? { by: 'nothing', rule: 'it got away' };
  const limit = typeof mutant.caughtBy === 'string' ? '' : ` of ${mutant.caughtBy.seedsMax}`;
  console.log(`| ${mutant.name} | ${by}${limit} | ${rule} |`);
}
process.exitCode = escaped === 0 ? 0 : 1;
