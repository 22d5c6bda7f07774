import t from 'tap';
import { ChainCore } from '../src/core/chain-core.ts';
import { catchMutant } from './mutants/catch-mutant.ts';
import { mutants } from './mutants/mutants.ts';
import { type ScriptName, scripts } from './mutants/scripts.ts';

// Seeds are counted, not timed: one mutant takes 150, which is half a minute on a loaded machine.
t.setTimeout(55_000);

for (const [name, script] of Object.entries(scripts)) {
  t.test(`the core: ${name}`, async (t) => {
    t.doesNotThrow(() => script(ChainCore));
  });
}

t.test('there is a mutant for each trap', async (t) => {
  t.ok(mutants.length >= 20);
  t.equal(new Set(mutants.map(({ name }) => name)).size, mutants.length, 'names are unique');
  const named = new Set(mutants.map(({ caughtBy }) => caughtBy));
  for (const name of Object.keys(scripts)) t.ok(named.has(name as ScriptName), `a mutant needs "${name}"`);
});

for (const mutant of mutants) {
  t.test(`a core in which ${mutant.trap} (${mutant.name}) is caught`, async (t) => {
    const caught = await catchMutant(mutant);
    if (caught === undefined) t.fail(`by ${JSON.stringify(mutant.caughtBy)}`);
    else t.pass(`by ${caught.by}: ${caught.rule}`);
  });
}
