/** Broken clients: each is caught by its check of the core, or by a seed of the simulator. */
import t from 'tap';
import { catchClientMutant } from './mutants/catch-client-mutant.ts';
import { clientMutants } from './mutants/client-mutants.ts';

t.setTimeout(55_000);

t.test('no mutant has the name of another', async (t) => {
  t.equal(new Set(clientMutants.map(({ name }) => name)).size, clientMutants.length);
});

for (const mutant of clientMutants) {
  t.test(`a client in which ${mutant.trap} (${mutant.name}) is caught`, async (t) => {
    const caught = await catchClientMutant(mutant);
    if (caught === undefined) t.fail(`not by ${JSON.stringify(mutant.caughtBy)}`);
    else t.pass(`by ${caught.by}: ${caught.rule}`);
  });
}
