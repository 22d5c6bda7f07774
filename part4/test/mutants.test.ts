import t from 'tap';
import { ChainCore } from '../src/core/chain-core.ts';
import { runSeed } from '../src/sim/run-seed.ts';
import { loadMutantCore } from './mutants/mutant-core.ts';
import { mutants } from './mutants/mutants.ts';
import { type ScriptName, scripts } from './mutants/scripts.ts';

for (const [name, script] of Object.entries(scripts)) {
  t.test(`the core: ${name}`, async (t) => {
    t.doesNotThrow(() => script(ChainCore));
  });
}

t.test('there is a mutant for each trap', async (t) => {
  t.ok(mutants.length >= 20);
  t.equal(new Set(mutants.map(({ name }) => name)).size, mutants.length, 'no name is there twice');
  const named = new Set(mutants.map(({ caughtBy }) => caughtBy));
  for (const name of Object.keys(scripts)) t.ok(named.has(name as ScriptName), `a mutant needs "${name}"`);
});

for (const mutant of mutants) {
  t.test(`a core in which ${mutant.trap} (${mutant.name}) is caught`, async (t) => {
    const { caughtBy } = mutant;
    const Core = await loadMutantCore(mutant);
    if (typeof caughtBy === 'string') {
      t.throws(() => scripts[caughtBy](Core), `by the script "${caughtBy}"`);
      return;
    }
    for (let seed = 1; seed <= caughtBy.seedsMax; seed += 1) {
      const { failure } = runSeed({ seed, Core });
      if (failure !== undefined) return t.pass(`by seed ${seed}: ${failure.split('\n', 1)[0]}`);
    }
    t.fail(`by none of ${caughtBy.seedsMax} seeds`);
  });
}
