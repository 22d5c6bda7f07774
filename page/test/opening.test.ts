/** The command that prints the address of a run, and what the page shows there. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type EditList, editListFrom } from '@tablelab/part4/sim/edit-list';
import { runEdits } from '@tablelab/part4/sim/run-edits';
import { runSeed } from '@tablelab/part4/sim/run-seed';
import t, { type Test } from 'tap';
import { newPage, noBrowser, root } from './support/browser.ts';

t.setTimeout(300_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };
const program = join(root, 'page/src/programs/page.ts');

/** Starts the command on any port; returns the address that it prints. */
async function addressFrom(t: Test, ...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [program, '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return line;
}

t.test('the command prints the address of a run, with its faults or edits', options, async (t) => {
  const page = await newPage(t);
  const hash = async (address: string) => {
    await page.goto(address);
    await page.getByRole('status').getByText('No rule was broken').waitFor();
    return page.locator('p[role="status"] code').textContent();
  };
  const kinds = ['crash', 'pause'] as const;
  const some = await addressFrom(
    t,
    ...['--seed', '5', '--disks', '--faults', kinds.join(','), '--keep', '0,1', '--open', '500'],
  );
  t.equal(
    await hash(some),
    (await runSeed({ seed: 5, hasDisks: true, kinds: [...kinds], faults: [0, 1] })).hash,
    'the run of Node',
  );
  const [, event] = /event (\d+)/.exec((await page.locator('output').textContent()) ?? '') ?? [];
  t.ok(Number(event) > 400 && Number(event) <= 500, `it opens at event ${event}`);

  const edits: EditList = { servers: 2, edits: [{ do: 'put', key: 'a', value: 'one', at: 5_000 }] };
  const file = join(t.testdir(), 'edits.json');
  writeFileSync(file, JSON.stringify(edits, undefined, 2));
  const byHand = await addressFrom(t, '--seed', '7', '--edits', file);
  const text = new URLSearchParams(new URL(byHand).hash.slice(1)).get('edits') ?? '';
  t.same(editListFrom(text), edits, 'the address holds the edits of the file');
  t.equal(await hash(byHand), (await runEdits({ seed: 7, edits })).hash);

  await page.goto(await addressFrom(t, '--rule', 'scenario-4'));
  await page.getByRole('heading', { level: 1 }).waitFor();
  t.match(page.url(), '#lesson=crash-in-the-middle');
  // It would miss its server.
  await page.close();
});

t.test('an address with a fault that there is not says so', options, async (t) => {
  const page = await newPage(t);
  const address = await addressFrom(t);
  await page.goto(`${address}#seed=1&faults=flood`);
  await page.getByRole('alert').getByText('there is no fault "flood"').waitFor();
  await page.close();
});

t.test('what the command cannot open is a usage error', (t) => {
  for (const [args, reason] of [
    [['--seed', 'x'], '--seed'],
    [['--seed', '1', '--faults', 'flood'], 'there is no fault "flood"'],
    [['--seed', '1', '--edits', '/nowhere.json'], 'ENOENT'],
    [['--open', '5'], '--open belongs to a seed'],
    [['--disks'], '--disks belongs to a seed'],
    [['--rule', 'scenario-4', '--seed', '5'], 'give one of them'],
    [['--rule', 'no-such-rule'], 'no lesson shows the rule "no-such-rule"'],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, [program, '--port', '0', ...args], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    t.equal(status, 2, args.join(' '));
    t.match(stderr, reason);
  }
  t.end();
});

t.test('a port in use, and options that do not go together', async (t) => {
  const address = await addressFrom(t);
  const { port } = new URL(address);
  const run = (...args: string[]) => spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  const second = run('--port', port);
  t.equal(second.status, 1);
  t.match(second.stderr, `port ${port} is in use`);
  t.match(second.stderr, '--port 0');
  for (const args of [['--seed', '3'], ['--rule', 'scenario-1'], ['--disks']]) {
    const folder = join(t.testdir(), 'site');
    const { status, stderr } = run('--out', folder, ...args);
    t.equal(status, 2, args.join(' '));
    t.match(stderr, '--out');
    t.notOk(existsSync(folder));
  }
});
