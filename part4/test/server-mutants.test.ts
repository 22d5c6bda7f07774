/**
 * The simulator runs the real adapters, so bugs in them, and disabled limits, break its rules. The adapters' checks
 * catch bugs that the core tolerates.
 */
import t from 'tap';
import { catchServerMutant } from './mutants/catch-server-mutant.ts';
import { serverMutants } from './mutants/server-mutants.ts';

// Seeds are counted, not timed: one mutant takes 150, which is half a minute on a loaded machine.
t.setTimeout(55_000);

t.test('there are twenty at least, each with a name of its own', async (t) => {
  t.ok(serverMutants.length >= 20);
  t.equal(new Set(serverMutants.map(({ name }) => name)).size, serverMutants.length);
});

for (const mutant of serverMutants) {
  t.test(`a server in which ${mutant.trap} (${mutant.name}) is caught`, async (t) => {
    const caught = await catchServerMutant(mutant);
    const by = 'seedsMax' in mutant ? `seeds ${mutant.seedsFrom ?? 1} to ${mutant.seedsMax}` : mutant.check;
    if (caught === undefined) t.fail(`not by ${by}`);
    else t.pass(`by ${caught.by}: ${caught.rule}`);
  });
}
