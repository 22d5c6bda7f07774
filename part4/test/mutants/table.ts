/**
 * Prints what finds each broken core of mutants.ts and each broken server of server-mutants.ts: which script, or which seed
 * of the simulator, and the rule that was seen broken:
 *
 *     npx node part4/test/mutants/table.ts
 */
import { catchMutant } from './catch-mutant.ts';
import { catchServerMutant } from './catch-server-mutant.ts';
import { mutants } from './mutants.ts';
import { serverMutants } from './server-mutants.ts';

let escaped = 0;
for (const mutant of mutants) {
  const caught = await catchMutant(mutant);
  if (caught === undefined) escaped += 1;
  const { by, rule } = caught ?? { by: 'nothing', rule: 'it got away' };
  const limit = typeof mutant.caughtBy === 'string' ? '' : ` of ${mutant.caughtBy.seedsMax}`;
  console.log(`| ${mutant.name} | ${by}${limit} | ${rule} |`);
}
for (const mutant of serverMutants) {
  const caught = await catchServerMutant(mutant);
  if (caught === undefined) escaped += 1;
  const by = caught === undefined ? 'nothing' : `seed ${caught.seed}`;
  console.log(`| ${mutant.name} | ${by} of ${mutant.seedsMax} | ${caught?.rule ?? 'it got away'} |`);
}
process.exitCode = escaped === 0 ? 0 : 1;
