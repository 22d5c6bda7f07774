/**
 * Prints what catches each broken core of mutants.ts, each broken server of server-mutants.ts and each broken client of
 * client-mutants.ts (the script, the check, or the seed of the simulator), and the broken rule:
 *
 *     npx node part4/test/mutants/table.ts
 */
import { catchClientMutant } from './catch-client-mutant.ts';
import { catchMutant } from './catch-mutant.ts';
import { catchServerMutant } from './catch-server-mutant.ts';
import type { Caught } from './caught.ts';
import { clientMutants } from './client-mutants.ts';
import { mutants } from './mutants.ts';
import { serverMutants } from './server-mutants.ts';

let escaped = 0;
for (const mutant of mutants) print(mutant.name, mutant.caughtBy, await catchMutant(mutant));
for (const mutant of serverMutants) print(mutant.name, mutant, await catchServerMutant(mutant));
for (const mutant of clientMutants) print(mutant.name, mutant.caughtBy, await catchClientMutant(mutant));
process.exitCode = escaped === 0 ? 0 : 1;

/** `finder`: what must catch it; with `seedsMax`, that many seeds. */
function print(name: string, finder: string | object, caught: Caught | undefined): void {
  if (caught === undefined) escaped += 1;
  const { by, rule } = caught ?? { by: 'nothing', rule: 'it got away' };
  const limit = typeof finder === 'object' && 'seedsMax' in finder ? ` of ${finder.seedsMax}` : '';
  console.log(`| ${name} | ${by}${limit} | ${rule} |`);
}
