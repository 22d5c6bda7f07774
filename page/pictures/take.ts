/**
 * Takes the pictures of the README, in Chromium: the page while a server joins, and the live view of a chain under load in which a
 * server has been killed.
 *
 *     npm run page:pictures [-- DIR]        DIR: default docs/pictures
 *
 * CHROMIUM names the browser, by default Debian's.
 */
import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { errorText } from '@tablelab/shared';
import { spawnProgram } from '@tablelab/shared/process';
import { chromium, type Page } from 'playwright-core';
import { serve } from '../src/server/serve.ts';
import { Site } from '../src/server/site.ts';

const root = join(import.meta.dirname, '../..');
const folder = process.argv[2] ?? join(root, 'docs/pictures');
const deadlineMs = 60_000;
const stopDeadlineMs = 30_000;
/** In this run a server joins, and copies the table, while clients write. */
const joining = '#seed=5&step=290';
/** So that the charts have something to show. */
const secondsBeforeKill = 15;
const secondsAfterKill = 12;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  // Chromium's sandbox does not work for root.
  chromiumSandbox: process.getuid?.() !== 0,
});
mkdirSync(folder, { recursive: true });
try {
  await takeJoining();
  await takeLive();
} catch (error) {
  console.error(`page:pictures: ${errorText(error)}`);
  process.exitCode = 1;
} finally {
  await browser.close();
}

async function open(address: string, height = 900): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height }, reducedMotion: 'reduce' });
  page.setDefaultTimeout(deadlineMs);
  await page.goto(address);
  return page;
}

async function save(page: Page, name: string): Promise<void> {
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  await page.close();
  console.log(`wrote ${path}`);
}

async function takeJoining(): Promise<void> {
  const server = await serve(new Site(root), 0);
  try {
    const page = await open(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${joining}`, 1_400);
    await page.getByText('event 290').waitFor();
    await save(page, 'page');
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function takeLive(): Promise<void> {
  const launcher = spawnProgram(join(root, 'part4/src/programs/chain.ts'), [], { env: { ZOOKEEPER: '' } });
  try {
    const [, url = ''] = await launcher.waitForLine(/^dashboard on (\S+)$/, deadlineMs, 'stderr');
    const page = await open(url);
    await page.locator('header').getByRole('status').getByText('3 servers in chain').waitFor();
    const controls = page.getByRole('region', { name: 'Controls' });
    await controls.getByRole('slider').fill('300');
    await page.waitForTimeout(secondsBeforeKill * 1_000);
    await page.getByRole('region', { name: 'The chain', exact: true }).getByRole('button').first().click();
    await controls.getByRole('button', { name: 'kill', exact: true }).click();
    await page.locator('header').getByRole('status').getByText('2 servers in chain').waitFor();
    await page.waitForTimeout(secondsAfterKill * 1_000);
    await save(page, 'live');
  } finally {
    await launcher.stop({ deadlineMs: stopDeadlineMs });
  }
}
