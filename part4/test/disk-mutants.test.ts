/** Bugs in what a server does with its disk break the rules of the simulator when its disks fail or lose power. */
import t from 'tap';
import { caughtBySeed } from './mutants/caught.ts';
import { diskMutants } from './mutants/disk-mutants.ts';

// Seeds are counted, not timed: a loaded machine runs a few of them in a second.
t.setTimeout(55_000);

t.test('there are ten at least, each with a name of its own', async (t) => {
  t.ok(diskMutants.length >= 10);
  t.equal(new Set(diskMutants.map(({ name }) => name)).size, diskMutants.length);
});

for (const mutant of diskMutants) {
  t.test(`a server in which ${mutant.trap} (${mutant.name}) is caught`, async (t) => {
    const caught = await caughtBySeed(mutant, { ...mutant, hasDisks: true });
    if (caught === undefined) t.fail(`not by seeds ${mutant.seedsFrom ?? 1} to ${mutant.seedsMax}`);
    else t.pass(`by ${caught.by}: ${caught.rule}`);
  });
}
