/**
 * Prints what finds each broken core of mutants.ts, each broken server of server-mutants.ts and each broken client of
 * client-mutants.ts: which script or check, or which seed of the simulator, and the rule that was seen broken:
 *
 *     npx node part4/test/mutants/table.ts
 */
import { catchClientMutant } from './catch-client-mutant.ts';
import { catchMutant } from './catch-mutant.ts';
import { catchServerMutant } from './catch-server-mutant.ts';
import { clientMutants } from './client-mutants.ts';
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
for (const mutant of clientMutants) {
  const caught = await catchClientMutant(mutant);
  if (caught === undefined) escaped += 1;
  const { by, rule } = caught ?? { by: 'nothing', rule: 'it got away' };
  const limit = 'seedsMax' in mutant.caughtBy ? ` of ${mutant.caughtBy.seedsMax}` : '';
  console.log(`| ${mutant.name} | ${by}${limit} | ${rule} |`);
}
process.exitCode = escaped === 0 ? 0 : 1;
