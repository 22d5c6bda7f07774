/** What went wrong: the part of a history for which no order exists, in a real browser. */
import { smallestPart } from '@tablelab/part4/linearizability/smallest-part';
import { runSeed } from '@tablelab/part4/sim/run-seed';
import t from 'tap';
import { axeViolations } from './support/axe.ts';
import { noBrowser, openPage } from './support/browser.ts';

t.setTimeout(300_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };

t.test('a history with an order has nothing to mark', async (t) => {
  t.equal(smallestPart((await runSeed({ seed: 3 })).operations), undefined);
});

t.test('a lesson about a mistake shows the answers that contradict each other', options, async (t) => {
  const { page } = await openPage(t, '#lesson=mistake-no-lease&step=4');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const part = page.locator('.no-order');
  // The question asks what the answer will be, so before it, nothing says that it contradicts others.
  await page.getByRole('group', { name: /s2/ }).getByRole('button').first().waitFor();
  await page.locator('.space-time .operation-box').first().waitFor();
  t.equal(await part.count(), 0);
  t.equal(await page.locator('.operation-box.odd').count(), 0);
  await page.keyboard.press('1');
  await part.waitFor();
  const entries = await part.locator('li').allTextContents();
  t.ok(entries.length >= 1 && entries.length <= 3, entries.join('; '));
  t.ok(
    entries.some((text) => text.includes('get "')),
    'a read is among them',
  );
  t.ok(await page.locator('.operation-box.odd').count(), 'those in sight are marked in the strip');
  t.match(await part.locator('p').textContent(), `These ${entries.length} operations cannot have happened`);
  await part.locator('li button').last().click();
  await page.locator('.operation-box.odd').last().waitFor();
  t.same(await axeViolations(page), []);

  await page.goto(page.url().replace(/step=\d+/, 'step=1'));
  await page.locator('.lesson .server').first().waitFor();
  await page.waitForFunction(() => document.querySelector('.no-order') === null);
});
