/** ZooKeeper's sessions in the drawing, in a real browser. */
import { runSeed } from '@tablelab/part4/sim/run-seed';
import t from 'tap';
import { axeViolations } from './support/axe.ts';
import { noBrowser, openPage } from './support/browser.ts';

t.setTimeout(300_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };

t.test('a killed server’s session runs out, and ends', options, async (t) => {
  const edits = JSON.stringify({
    servers: 3,
    edits: [
      { do: 'kill', server: 's1', at: 5_000 },
      { do: 'stop-zookeeper', at: 9_000 },
    ],
  });
  const { page } = await openPage(t, `#${new URLSearchParams({ seed: '1', edits, step: '600' })}`);
  const sessions = async () =>
    (await page.locator('.sessions > g').allTextContents()).map((text) => {
      const [, host = '', id = '', left = ''] = /session (\w+) of (\w+), ends in (\d+) ms/.exec(text) ?? [];
      return { host: id, id: host, left: Number(left) };
    });
  await page.locator('.sessions > g').nth(3).waitFor();
  const before = await sessions();
  t.same(
    before.map(({ host }) => host),
    ['s0', 's1', 's2', 'you'],
  );
  for (const { host, left } of before) t.ok(left > 500 && left <= 1_100, `${host}: ${left} ms`);
  t.match(await page.locator('.state').textContent(), /session [0-9a-f]{4} of s1ends in \d+ ms/);
  t.match(await page.locator('.zookeeper').textContent(), /view 3: 0 → 1 → 2/);
  t.same(await axeViolations(page), []);

  // Step by step until it is gone.
  let least = Number.POSITIVE_INFINITY;
  for (let steps = 0; steps < 400; steps += 1) {
    const own = (await sessions()).find(({ host }) => host === 's1');
    if (own === undefined) break;
    least = Math.min(least, own.left);
    const place = await page.locator('output').textContent();
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction((was) => document.querySelector('output')?.textContent !== was, place);
  }
  t.ok(least < 200, `the last that is seen of it is ${least} ms`);
  t.same(
    (await sessions()).map(({ host }) => host),
    ['s0', 's2', 'you'],
  );
  await page.keyboard.press('End');
  await page.locator('.zookeeper.down').waitFor();
  await page.setViewportSize({ width: 360, height: 800 });
  await page.waitForFunction(() => document.documentElement.scrollWidth <= 360);
});

t.test('a server of ZooKeeper that is cut off from its leader is told', options, async (t) => {
  let step: number | undefined;
  await runSeed({
    seed: 1,
    kinds: ['zookeeper-stall'],
    onStep: ({ world, cluster }) => {
      if (cluster.zooKeeper.stalled > 0) step ??= world.steps;
    },
  });
  const { page } = await openPage(t, `#seed=1&faults=zookeeper-stall&step=${step}`);
  await page.locator('.zookeeper', { hasText: 'one server is stalled' }).waitFor();
  t.match(await page.locator('.chain svg').getAttribute('aria-label'), 'one server is stalled');
});
