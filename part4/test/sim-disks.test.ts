/** The simulator with disks: a power cut loses nothing that was answered (part4/README.md#disk-first). */
import t from 'tap';
import { runPortion, sum, type Tally } from '../sim/campaign.ts';
import { diskFaultKinds } from '../sim/faults.ts';
import { runSeed } from '../sim/run-seed.ts';

// Seeds are counted and not timed: a loaded machine runs a few of them in a second.
t.setTimeout(55_000);

const firsts = [1, 26, 51, 76];
const seedsEach = 25;

const portions: Tally[] = [];
for (const first of firsts) {
  const seeds = { first, last: first + seedsEach - 1, hasDisks: true };
  t.test(
    `the chain keeps the rules with disks, during the faults of seeds ${seeds.first} to ${seeds.last}`,
    async (t) => {
      const portion = await runPortion(seeds);
      portions.push(portion);
      t.same(portion.failures, []);
      t.equal(portion.runs, seedsEach);
    },
  );
}

t.test('these seeds have faults of all kinds', async (t) => {
  const { runs, voids, faults, counts } = sum(portions);
  t.ok(voids < runs / 10, 'nearly all go on to the end');
  for (const kind of diskFaultKinds) t.ok((faults.get(kind) ?? 0) > 0, `${kind}: ${faults.get(kind)} times`);
  for (const what of ['damaged disks', 'failed disks'])
    t.ok((counts.get(what) ?? 0) > 0, `${what}: ${counts.get(what)} times`);
});

t.test(
  'ZooKeeper loses no data while an empty server still opens its disk, and does not know of the chain',
  async (t) => {
    // In seed 7142 a server has started 4 ms before; it would rightly found another chain (part4/README.md#member-foreign).
    const { failure } = await runSeed({ seed: 7142, hasDisks: true });
    t.equal(failure, undefined);
  },
);

t.test('a seed gives the same run twice, byte for byte', async (t) => {
  for (const seed of [3, 17, 99]) {
    const [one, other] = await Promise.all(
      [1, 2].map(() => runSeed({ seed, hasDisks: true, keepsTrace: true })),
    );
    t.equal(one?.trace.join('\n'), other?.trace.join('\n'));
    t.equal(one?.hash, other?.hash);
    t.equal((await runSeed({ seed, hasDisks: true })).hash, one?.hash, 'whether the trace is kept or not');
  }
});
