/** A page that is out of sight keeps no connection, of which a browser has six for a server. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import { freePort } from '@tablelab/shared/testing';
import { newPage, noBrowser } from './support/browser.ts';
import { startDashboard } from './support/dashboard.ts';
import { openCopy } from './support/own-core.ts';

t.setTimeout(300_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };

/** A browser without windows shows all its pages at once. */
function setInSight(page: Page, isInSight: boolean): Promise<void> {
  return page.evaluate(
    (value) => {
      Object.defineProperty(document, 'visibilityState', { value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    },
    isInSight ? 'visible' : 'hidden',
  );
}

/** The next request for a path that ends. */
function ended(page: Page, path: string): Promise<unknown> {
  return page.waitForEvent('requestfailed', (request) => request.url().endsWith(path));
}

t.test('the live view', options, async (t) => {
  const { dashboard } = await startDashboard(t, `127.0.0.1:${await freePort()}`);
  const page = await newPage(t);
  await page.goto(dashboard.url);
  await page.getByText('No connection to ZooKeeper').waitFor();
  const closed = ended(page, '/api/live');
  await setInSight(page, false);
  await closed;
  const opened = page.waitForResponse((response) => response.url().endsWith('/api/live'));
  await setInSight(page, true);
  t.equal((await opened).status(), 200, 'it is told again when somebody looks');
});

t.test('a core that was saved meanwhile is played when the page is looked at again', options, async (t) => {
  const { page, folder } = await openCopy(t, '#seed=3');
  await page.getByRole('status').getByText('No rule was broken').waitFor();
  const closed = ended(page, '/changes');
  await setInSight(page, false);
  await closed;
  writeFileSync(join(folder, 'chain-core.ts'), 'export class OtherCore {}\n');
  await setInSight(page, true);
  await page.getByRole('alert').getByText('exports no class ChainCore').waitFor();
});
