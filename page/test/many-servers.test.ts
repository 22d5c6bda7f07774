/** The drawing with many servers and with one: nothing lies on anything else, wide or narrow, in both languages and themes. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { axeViolations } from './support/axe.ts';
import { noBrowser, openPage } from './support/browser.ts';
import { overlaps } from './support/overlaps.ts';
import { chainOf, pageTold } from './support/told-page.ts';

t.setTimeout(120_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };

async function check(t: Test, page: Page, title: string): Promise<void> {
  for (const language of ['English', 'Português']) {
    await page.getByRole('button', { name: language }).click();
    for (const width of [1_280, 768, 360]) {
      await page.setViewportSize({ width, height: 800 });
      await page.waitForFunction(
        (wanted) =>
          document.documentElement.scrollWidth <= wanted &&
          Number(document.querySelector('.chain svg')?.getAttribute('width')) <= wanted,
        width,
      );
      const name = `${title}, ${language}, ${width} px`;
      t.same(await overlaps(page), [], name);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        t.same(await axeViolations(page), [], `${name}, ${colorScheme}`);
        await picture(page, `${title}-${language.slice(0, 2)}-${width}-${colorScheme}`);
      }
    }
  }
}

/** Writes a picture of the page into the folder SCREENSHOTS, if there is one, for people to look at. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `many-${name}.png`), fullPage: true });
}

t.test('ten servers, one of them silent, and one that waits', options, async (t) => {
  await check(t, await pageTold(t, chainOf(10)), 'ten');
});

t.test('one server', options, async (t) => {
  await check(t, await pageTold(t, chainOf(1)), 'one');
});

// The simulator's lists of edits have at most five servers.
for (const servers of [1, 5]) {
  t.test(`the playground with servers: ${servers}`, options, async (t) => {
    const edits = JSON.stringify({ servers, edits: [{ do: 'put', key: 'a', value: 'one', at: 9_000 }] });
    const { page } = await openPage(t, `#${new URLSearchParams({ seed: '1', step: '100000', edits })}`);
    await page
      .locator('.server')
      .nth(servers - 1)
      .waitFor();
    await check(t, page, `playground-${servers}`);
  });
}
