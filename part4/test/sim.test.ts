/** The simulator: the same seed gives the same run, faults do happen, broken rules are found and reported. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { runPortion, sum, type Tally } from '../sim/campaign.ts';
import { faultKinds } from '../sim/faults.ts';
import { runSeed } from '../sim/run-seed.ts';
import { shrink } from '../sim/shrink.ts';
import { isTrace, traceFrom, traceHeader } from '../sim/trace-file.ts';
import { ChainCore } from '../src/core/chain-core.ts';

// Seeds are counted and not timed: a loaded machine runs four of them in a second.
t.setTimeout(55_000);

const firsts = [1, 51, 101, 151];
const seedsEach = 50;
const program = fileURLToPath(new URL('../sim/program.ts', import.meta.url));

/** A core that always answers reads. */
class CarelessCore extends ChainCore {
  override readRefusal(): undefined {
    return undefined;
  }
}

const portions: Tally[] = [];
for (const first of firsts) {
  const seeds = { first, last: first + seedsEach - 1 };
  t.test(
    `the chain keeps the rules during the faults of seeds ${seeds.first} to ${seeds.last}`,
    async (t) => {
      const portion = await runPortion(seeds);
      portions.push(portion);
      t.same(portion.failures, []);
      t.equal(portion.runs, seedsEach);
    },
  );
}

t.test('these seeds have faults of all kinds, and enough operations', async (t) => {
  const { runs, operations, voids, faults, counts } = sum(portions);
  t.ok(voids < runs / 50, 'nearly all go on to the end');
  t.ok(operations > 90 * runs, 'with about a hundred operations each');
  for (const kind of faultKinds) t.ok((faults.get(kind) ?? 0) > 5, `${kind}: ${faults.get(kind)} times`);
  for (const what of ['assigned writes', 'writes without a session', 'full', 'time-outs']) {
    t.ok((counts.get(what) ?? 0) > 50, `${what}: ${counts.get(what)} times`);
  }
});

t.test('the histories have all kinds of operations, and those of clients without a session', async (t) => {
  const counts = new Map<string, number>();
  for (let seed = 1; seed <= 60; seed += 1) {
    for (const { outcome, kind, client } of (await runSeed({ seed })).operations) {
      if (outcome !== 'ok') continue;
      const name = client === 'assigned' || client === 'committed' ? `${client} ${kind}` : kind;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  for (const name of ['put', 'del', 'get', 'size', 'keys', 'assigned put', 'committed put']) {
    t.ok((counts.get(name) ?? 0) > 20, `${name}: ${counts.get(name)} times`);
  }
});

t.test('a seed gives the same run twice, byte for byte', async (t) => {
  for (const seed of [3, 17, 99, 2024]) {
    const [one, other] = await Promise.all([1, 2].map(() => runSeed({ seed, keepsTrace: true })));
    t.equal(one?.trace.join('\n'), other?.trace.join('\n'));
    t.equal(one?.hash, other?.hash);
    t.same(one?.operations, other?.operations);
    t.ok((one?.trace.length ?? 0) > 200, 'and a trace tells what happened');
    t.equal((await runSeed({ seed })).hash, one?.hash, 'whether it is kept or not');
  }
  t.not((await runSeed({ seed: 3 })).hash, (await runSeed({ seed: 4 })).hash);
});

t.test('a broken core is caught, and shown with the necessary faults', async (t) => {
  const found = await runSeed({ seed: 1, Core: CarelessCore });
  t.match(found.failure, /answers? reads/);
  t.equal(found.failureStep, found.steps, 'the event that broke the rule is the last');
  t.equal((await runSeed({ seed: 1 })).failureStep, undefined);
  const shrunk = await shrink({ seed: 1, Core: CarelessCore });
  t.match(shrunk.failure, /answers? reads/);
  t.same(shrunk.planned, [], 'this one needs no fault');
  t.ok(shrunk.trace.length > 0, 'the trace is there');
});

t.test('a trace says what makes its run, or is a part of one', (t) => {
  const edits = { servers: 2, edits: [{ do: 'kill' as const, server: 's0', at: 10 }] };
  const options = { seed: 7, hasDisks: true, kinds: [], faults: [0, 3] };
  const text = `${traceHeader(options, edits)}\n0.000 start s0\nseed 7: trace 0a1b2c3d, 9 steps, 20 ms\n`;
  t.ok(isTrace(text));
  const withNpm = `\n> tablelab@0.1.0 sim\n> exec node sim\n\n${text}`;
  t.ok(isTrace(withNpm));
  t.same(traceFrom(withNpm), traceFrom(text), 'what npm writes above it is no part of it');
  t.same(traceFrom(text), {
    header: { seed: 7, disks: true, faults: [], keep: [0, 3], edits },
    hash: '0a1b2c3d',
    lines: ['0.000 start s0'],
  });
  t.match(traceFrom('\n12.500 c0 call 1 get c\n'), { header: undefined, hash: undefined });
  t.notOk(isTrace('{"client":1}'));
  t.notOk(isTrace(''));
  for (const [line, detail] of [
    ['# run {"seed":-1}', /does not say what makes its run: .*seed/s],
    // Of a later program, whose run this one cannot make.
    ['# run {"seed":1,"links":"slow"}', /Unrecognized key: "links"/],
    ['# run nothing', /does not say/],
    ['# run {"seed":1,"edits":{"edits":[{"do":"fly","at":1}]}}', /the edits are malformed: edit 0/],
    ['seed 1', /no line of a trace/],
  ] as const)
    t.throws(() => traceFrom(`${line}\n`), { code: 'BAD_REQUEST', message: detail }, line);
  t.end();
});

t.test('the command runs seeds, shows one, and reports wrong arguments', async (t) => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', timeout: 25_000 });
  const many = run('--seeds', '1..20', '--workers', '2');
  t.equal(many.status, 0, many.stderr);
  t.match(many.stdout, /20 runs .*seeds\/s on 2 threads\nfaults: \d+: /);
  t.match(many.stdout, /20 passed, 0 failed/);
  const one = run('--seed', '5', '--trace', '--faults', 'crash,pause');
  t.equal(one.status, 0);
  t.match(one.stdout, /s0#1 < session-started/);
  t.match(one.stdout, new RegExp(`trace ${(await runSeed({ seed: 5, kinds: ['crash', 'pause'] })).hash}`));
  t.equal(one.stdout.split('\n')[0], '# run {"seed":5,"faults":["crash","pause"]}', 'what makes the run');
  const { header, hash, lines } = traceFrom(one.stdout);
  t.same(header, { seed: 5, faults: ['crash', 'pause'] });
  t.match(one.stdout, `seed 5: trace ${hash}, `);
  t.match(lines[0], /^\d+\.\d{3} start s0$/);
  for (const args of [['--seeds', 'a'], ['--faults', 'flood'], ['--seed'], ['once']]) {
    const { status, stderr } = run(...args);
    t.equal(status, 2);
    t.match(stderr, /^usage: npm run sim(.|\n)*\nsim: .+\n$/, 'the cause is the last line');
  }
});

t.test(
  'a report that cannot be written is a failure; a reader that has gone ends the run silently',
  { skip: existsSync('/dev/full') ? false : 'no /dev/full here' },
  async (t) => {
    const shell = (line: string) =>
      spawnSync('/bin/bash', ['-c', line, process.execPath, program], {
        encoding: 'utf8',
        timeout: 25_000,
        // Of a locale that is not there, a shell says so on standard error.
        env: { ...process.env, LC_ALL: 'C' },
      });
    for (const args of ['--seeds 1..2', '--seed 1', '--help', '--exhaustive 1,1,0']) {
      const { status, stderr } = shell(`"$0" "$1" ${args} >/dev/full`);
      t.equal(status, 1, args);
      t.match(stderr, /^sim: cannot write the output: ENOSPC/);
    }
    const gone = shell('"$0" "$1" --seed 5 --trace | true; echo $PIPESTATUS');
    t.same([gone.stdout, gone.stderr], ['141\n', ''], 'as if SIGPIPE had ended it');
  },
);
