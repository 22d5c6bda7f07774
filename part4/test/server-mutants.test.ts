/** The simulator runs the real adapters: faults in them, and limits that are switched off, break its rules. */
import t from 'tap';
import { caughtBySeed } from './mutants/caught.ts';
import { serverMutants } from './mutants/server-mutants.ts';

t.test('there are twenty at least, each with a name of its own', async (t) => {
  t.ok(serverMutants.length >= 20);
  t.equal(new Set(serverMutants.map(({ name }) => name)).size, serverMutants.length);
});

for (const mutant of serverMutants) {
  t.test(`a server in which ${mutant.trap} (${mutant.name}) is caught`, async (t) => {
    const caught = await caughtBySeed(mutant, mutant.seedsMax);
    if (caught === undefined) t.fail(`by seeds 1 to ${mutant.seedsMax}`);
    else t.pass(`by ${caught.by}: ${caught.rule}`);
  });
}
