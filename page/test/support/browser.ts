import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Test } from 'tap';
import { Site } from '../../src/server/site.ts';
import { serve } from '../../src/server/serve.ts';

export const root = join(import.meta.dirname, '../../..');

const places = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = places.find((path) => path !== undefined && existsSync(path));

/** For `skip`: why no test of the page can run here; undefined if they can. */
export const noBrowser =
  executablePath === undefined && process.env.REQUIRE_CHROMIUM !== '1'
    ? 'needs Chromium: apt-get install chromium, or its path in CHROMIUM'
    : undefined;

/** How long a page may take to load when the machine is busy, in milliseconds. */
export const loadDeadlineMs = 180_000;

/** Opens the page in a browser, as `npm run page` serves it. */
export async function openPage(t: Test, hash = ''): Promise<{ page: Page; address: string }> {
  const server = await serve(new Site(root), 0);
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const page = await newPage(t);
  await page.goto(`${address}${hash}`);
  return { page, address };
}

/** A page in a browser of its own. An error in the page, or one on its console that is not `expected`, fails the test. */
export async function newPage(t: Test, { expected }: { readonly expected?: RegExp } = {}): Promise<Page> {
  const browser: Browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    // Chromium's sandbox does not work for root.
    chromiumSandbox: process.getuid?.() !== 0,
  });
  t.teardown(() => browser.close());
  const page = await browser.newPage();
  page.setDefaultTimeout(loadDeadlineMs);
  page.on('pageerror', (error) => t.fail(`an error in the page: ${error.stack}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && expected?.test(message.text()) !== true)
      t.fail(`on the page's console: ${message.text()}`);
  });
  return page;
}
