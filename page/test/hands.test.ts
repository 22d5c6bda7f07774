/** What a person does in the playground, in a real browser. */
import { editListFrom } from '@tablelab/part4/sim/edit-list';
import { runEdits } from '@tablelab/part4/sim/run-edits';
import t from 'tap';
import { noBrowser, openPage } from './support/browser.ts';

t.setTimeout(300_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };

t.test('a chain is worked on by hand, and each deed can be taken back', options, async (t) => {
  const { page } = await openPage(t, '#seed=1');
  await page.getByRole('button', { name: 'Three servers, no faults' }).click();
  const done = page.locator('.done li');
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  /** The run with so many edits, at its end. */
  const atTheEnd = async (edits: number) => {
    await page.waitForFunction((count) => {
      const isShown = document.querySelector('p[role="status"]')?.textContent?.includes('No rule was broken');
      return isShown && document.querySelectorAll('.done li').length === count;
    }, edits);
    await page.locator('h1').click();
    await page.keyboard.press('End');
    await page.waitForFunction(() => {
      const slider = document.querySelector<HTMLInputElement>('input[type="range"]');
      return slider !== null && slider.value === slider.max;
    });
  };
  const results = async () => (await done.allTextContents()).map((text) => text.trim());
  await page.locator('p.edits').waitFor();
  await atTheEnd(0);
  t.equal(await page.locator('.server').count(), 3);

  await press('put');
  await atTheEnd(1);
  const name = /COMMITTED as (\d+:\d+)$/.exec((await results()).at(-1) ?? '')?.[1] ?? '';
  t.match(name, /^0:/, 'a put is answered');
  await press('get');
  await atTheEnd(2);
  t.match((await results()).at(-1), /value one$/);
  await page.locator('input[name="name"]').fill(name);
  await press('verify');
  await atTheEnd(3);
  t.match((await results()).at(-1), /executed$/);
  await press('del');
  await atTheEnd(4);
  t.match((await results()).at(-1), /COMMITTED as/);

  await page.locator('select[name="server"]').selectOption('s1');
  await press('Restart server');
  await atTheEnd(5);
  t.match((await results()).at(-1), /✕ s1 is running$/, 'what cannot be done says why');
  await press('Undo the last');
  await atTheEnd(4);
  await press('Kill server');
  await atTheEnd(5);
  t.equal(await page.locator('.server').count(), 2, 'the killed server runs no more');
  t.match(await page.locator('.gone').textContent(), /not running\s+s1/, 'and its place stays');
  t.equal(await page.locator('.faults .edit').count(), 5, 'the time line marks what was done');
  await press('Undo the last');
  await atTheEnd(4);
  t.equal(await page.locator('.server').count(), 3, 'and is there again');
  t.equal(await page.locator('.gone').count(), 0);

  await page.locator('select[name="from"]').selectOption('s0');
  await page.locator('select[name="to"]').selectOption('s1');
  await press('Cut link');
  await atTheEnd(5);
  await page.locator('.link.cut').first().waitFor();
  await press('Heal link');
  await atTheEnd(6);
  t.equal(await page.locator('.link.cut').count(), 0);

  const asked = new URLSearchParams(new URL(page.url()).hash.slice(1));
  const edits = editListFrom(asked.get('edits') ?? '');
  t.equal(edits.edits.length, 6);
  const { hash } = await runEdits({ seed: 1, edits });
  t.equal(
    await page.locator('p[role="status"] code').textContent(),
    hash,
    'the address gives Node the same run',
  );

  // What is done earlier takes the place of all that was done later.
  await page.keyboard.press('Home');
  await page.waitForFunction(() => document.querySelector('output')?.textContent?.endsWith(' 0'));
  await press('get');
  await atTheEnd(1);
  t.match((await results()).at(-1), /no such key$/);
});

t.test('what is slow, leaves, or is wiped by hand', options, async (t) => {
  const edits = '{"servers":3,"edits":[]}';
  const { page } = await openPage(t, `#${new URLSearchParams({ seed: '1', edits, step: '100000' })}`);
  const press = async (name: string, count: number) => {
    await page.getByRole('button', { name, exact: true }).click();
    await page.waitForFunction((wanted) => {
      const isShown = document.querySelector('p[role="status"]')?.textContent?.includes('trace');
      return isShown && document.querySelectorAll('.done li').length === wanted;
    }, count);
  };
  await page.locator('select[name="slow-server"]').selectOption('s1');
  await press('Set table', 1);
  await page.locator('select[name="slow-to"]').selectOption('s2');
  await press('Set link', 2);
  await page.locator('select[name="server"]').selectOption('s2');
  await press('Let server leave', 3);
  await press('Wipe', 4);
  const list = editListFrom(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('edits') ?? '');
  t.match(list.edits, [
    { do: 'slow', server: 's1', factor: 20 },
    { do: 'slow-link', from: 's0', to: 's2', factor: 20 },
    { do: 'leave', server: 's2' },
    { do: 'wipe-zookeeper' },
  ]);
  const { hash } = await runEdits({ seed: 1, edits: list });
  t.equal(await page.locator('p[role="status"] code').textContent(), hash, 'Node has the same run');
  for (const text of await page.locator('.done li').allTextContents()) t.match(text, /✓ done$/);
});
