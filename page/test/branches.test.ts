/** The branches of the playground, in a real browser. */
import { editListFrom } from '@tablelab/part4/sim/edit-list';
import { runEdits } from '@tablelab/part4/sim/run-edits';
import t from 'tap';
import { axeViolations } from './support/axe.ts';
import { noBrowser, openPage } from './support/browser.ts';

t.setTimeout(300_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };

t.test('each course is kept, and can be chosen, named and deleted', options, async (t) => {
  const edits = '{"servers":3,"edits":[]}';
  const { page } = await openPage(t, `#${new URLSearchParams({ seed: '1', edits, step: '400' })}`);
  const rows = page.locator('.branches li');
  const names = () => rows.locator('.branch').allTextContents();
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  /** When the run with so many edits is shown, and so many branches are listed. */
  const shown = (editCount: number, branchCount: number) =>
    page.waitForFunction(
      ([wanted, listed]) =>
        document.querySelector('p[role="status"]')?.textContent?.includes('trace') === true &&
        document.querySelectorAll('.done li').length === wanted &&
        document.querySelectorAll('.branches li').length === listed,
      [editCount, branchCount],
    );
  const event = async () =>
    Number(/event (\d+)/.exec((await page.locator('output').textContent()) ?? '')?.[1]);
  await shown(0, 1);
  t.same(await names(), ['● 3 servers, no faults']);
  t.ok(await page.getByRole('button', { name: /^Delete/ }).isDisabled(), 'the only one stays');

  const fork = await event();
  await press('put');
  await shown(1, 2);
  const put = `put a one at event ${fork}`;
  t.same(await names(), ['3 servers, no faults', `● ${put}`]);
  await page.locator('select[name="server"]').selectOption('s1');
  await press('Kill server');
  await shown(2, 3);
  const kill = `kill s1 at event ${fork}`;

  // Another course from the same event: the first one stays, and undo goes to what both have in common.
  await press('Undo the last');
  await shown(1, 3);
  await press('Pause server');
  await shown(2, 4);
  const pause = `pause s1 at event ${fork}`;
  t.same(await names(), ['3 servers, no faults', put, `● ${pause}`, kill]);
  t.match(await rows.nth(2).textContent(), `from “${put}”`);

  // By the keyboard.
  await page.keyboard.press('End');
  await rows.locator('.branch', { hasText: kill }).focus();
  await page.keyboard.press('Enter');
  await shown(2, 4);
  t.same(await names(), ['3 servers, no faults', put, pause, `● ${kill}`]);
  t.equal(await event(), fork, 'a branch is shown at its fork');
  const asked = new URLSearchParams(new URL(page.url()).hash.slice(1)).get('edits') ?? '';
  const list = editListFrom(asked);
  t.equal(list.edits.at(-1)?.do, 'kill', 'and its edits are in the address');
  const { hash } = await runEdits({ seed: 1, edits: list });
  t.equal(
    await page.locator('p[role="status"] code').textContent(),
    hash,
    'with which Node has the same run',
  );

  await page.getByRole('button', { name: `Rename “${kill}”` }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('the middle dies');
  await page.keyboard.press('Enter');
  await page.locator('.branch', { hasText: '● the middle dies' }).waitFor();
  t.equal(
    await page.evaluate(() => document.activeElement?.getAttribute('aria-label')),
    'Rename “the middle dies”',
    'the focus is where it was',
  );
  t.match(await rows.nth(3).textContent(), `from “${put}” at event ${fork}`, 'the fork is still told');
  t.same(await axeViolations(page), []);

  await page.reload();
  await shown(2, 4);
  t.same(await names(), ['3 servers, no faults', put, pause, '● the middle dies'], 'a reload keeps them');

  await page.getByRole('button', { name: 'Delete “the middle dies”' }).click();
  await shown(1, 3);
  t.same(await names(), ['3 servers, no faults', `● ${put}`, pause], 'its parent is shown');
  await page.getByRole('button', { name: `Delete “${put}”` }).click();
  await shown(0, 2);
  t.same(await names(), ['● 3 servers, no faults', `put a one at event ${fork} and 1 more`]);

  await page.setViewportSize({ width: 360, height: 800 });
  await page.waitForFunction(() => document.documentElement.scrollWidth <= 360);
});

t.test('of too many branches, the oldest without a name goes', options, async (t) => {
  const { page, address } = await openPage(t, '#lessons=');
  const kept = Array.from({ length: 50 }, (_, id) => ({
    id,
    run: { seed: id + 100, hasDisks: false },
    ...(id === 0 ? { name: 'kept' } : {}),
  }));
  await page.evaluate((text) => {
    const core = JSON.parse(
      document.querySelector<HTMLMetaElement>('meta[name="served"]')?.content ?? '{}',
    ).core;
    sessionStorage.setItem(`tablelab branches ${core}`, text);
  }, JSON.stringify(kept));
  await page.goto(`${address}?#${new URLSearchParams({ seed: '1', edits: '{"servers":1,"edits":[]}' })}`);
  await page.locator('.branch[aria-current]').waitFor();
  const names = await page.locator('.branches .branch').allTextContents();
  t.equal(names.length, 50);
  t.same([names[0], names[1], names.at(-1)], ['kept', 'seed 102', '● one server, no faults']);
});
