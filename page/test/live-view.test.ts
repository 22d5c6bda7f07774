/** The page of the live view, in a browser, with a real chain: figures, states, keys, console, keyboard, both themes. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, startZooKeeper } from '@tablelab/shared/testing';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
// Programs of part 4's tests, which the package does not export.
import { connectTable, startChain } from '../../part4/test/support/chain-programs.ts';
import { axeViolations } from './support/axe.ts';
import { newPage, noBrowser } from './support/browser.ts';
import { startDashboard } from './support/dashboard.ts';

t.setTimeout(180_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };

/** Writes a picture of the page into the folder SCREENSHOTS, if there is one, for people to look at. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `live-${name}.png`), fullPage: true });
}

/** Writes one value after the other until it is told to stop. */
function keepWriting(table: Awaited<ReturnType<typeof connectTable>>): {
  readonly stop: () => Promise<void>;
} {
  let isStopped = false;
  const done = (async () => {
    for (let number = 0; !isStopped; number += 1) await table.put('load', Buffer.from(String(number)));
  })();
  return {
    stop: () => {
      isStopped = true;
      return done;
    },
  };
}

async function checkThemes(t: Test, page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    t.strictSame(await axeViolations(page), [], `${name}, ${colorScheme}`);
    await picture(page, `${name}-${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

t.test('a running chain, its keys, the console, and a server that is killed', options, async (t) => {
  const { zookeeper, chain } = await startChain(t, 3);
  const table = await connectTable(t, zookeeper);
  for (let number = 0; number < 120; number += 1) await table.put(`user:${number}`, Buffer.from('x'));
  const { dashboard } = await startDashboard(t, zookeeper);
  // At the end, its server is no longer there.
  const page = await newPage(t, { expected: /net::ERR_/ });
  await page.goto(dashboard.url);
  await page.getByRole('status').getByText('3 servers in chain').waitFor();
  t.equal(new URL(page.url()).hash, '', 'the token is not left in the address');
  const servers = page.getByRole('region', { name: 'The chain', exact: true }).getByRole('button');
  t.equal(await servers.count(), 3);
  t.match(await servers.allTextContents(), [/HEAD[\s\S]*received 12\d/, /middle/, /TAIL/]);

  const command = page.getByRole('textbox', { name: 'Command' });
  const log = page.getByRole('log');
  await command.fill('put cart:1 two words');
  await command.press('Enter');
  await log.getByText(/^operation \d+:\d+$/).waitFor();
  await command.fill('get cart:1');
  await command.press('Enter');
  await log.getByText('two words', { exact: true }).waitFor();
  // A rate is that of the last half second, so there are writes until it has been seen.
  const load = keepWriting(table);
  await page.getByText(/writes [1-9]\d* \/s/).waitFor();
  await load.stop();
  await page
    .getByText(/p50 \S+ ms · p99 \S+ ms · p99\.9 \S+ ms/)
    .first()
    .waitFor();

  await page.getByLabel('begin with').fill('user:');
  await page.getByRole('button', { name: 'Search' }).press('Enter');
  const keys = page.getByRole('list', { name: 'Keys found' }).getByRole('button');
  await page.getByText('Page 1: 50 keys').waitFor();
  const first = await keys.allTextContents();
  await page.getByRole('button', { name: 'Next page' }).click();
  await page.getByText('Page 2: 50 keys').waitFor();
  const second = await keys.allTextContents();
  t.equal(new Set([...first, ...second]).size, 100);
  await page.getByRole('button', { name: 'Next page' }).click();
  await page.getByText('Page 3: 20 keys').waitFor();
  t.ok(await page.getByRole('button', { name: 'Next page' }).isDisabled());
  await page.getByLabel('contain').fill('r:11');
  await page.getByLabel('contain').press('Enter');
  await page.getByText('Page 1: 11 keys').waitFor();
  await keys.first().click();
  await log.getByText('x', { exact: true }).waitFor();

  await servers.nth(1).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: `Server ${chain[1]?.address}` }).waitFor();
  await checkThemes(t, page, 'healthy');
  await page.setViewportSize({ width: 360, height: 740 });
  // The charts are drawn anew for the width once the page has been laid out.
  await page.waitForFunction(() => document.documentElement.scrollWidth <= 360);
  await picture(page, 'phone');
  await page.setViewportSize({ width: 1280, height: 900 });

  chain[1]?.program.kill('SIGKILL');
  await page
    .getByText(/server 1 .*does not answer/)
    .first()
    .waitFor();
  await picture(page, 'failover');
  await page.getByRole('status').getByText('2 servers in chain').waitFor();
  await page
    .getByText(/server 1 .*has left/)
    .first()
    .waitFor();
  await page
    .getByRole('listitem')
    .getByText(/view \d+: 0 → 2/)
    .waitFor();

  await dashboard.close();
  await page.getByText('The dashboard’s server does not answer').waitFor();
  await picture(page, 'disconnected');
});

t.test('no ZooKeeper, then no servers, then one', options, async (t) => {
  const port = await freePort();
  const zookeeper = `127.0.0.1:${port}`;
  const { dashboard } = await startDashboard(t, zookeeper);
  const page = await newPage(t);
  await page.goto(dashboard.url.replace(/#.*/, ''));
  await page.getByText('No connection to ZooKeeper').waitFor();
  await page.getByText('it has a token').waitFor();
  await checkThemes(t, page, 'no-zookeeper');
  const zooKeeper = await startZooKeeper({ port, tickTimeMs: 200 });
  t.teardown(() => zooKeeper.stop());
  await page.getByText('ZooKeeper is there, and no server').waitFor();
});
