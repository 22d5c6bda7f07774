/** Messages on their way: opened, and delivered, delayed, dropped and sent again by hand, in a real browser. */
import { type EditList, editListFrom } from '@tablelab/part4/sim/edit-list';
import { contentOf } from '@tablelab/part4/sim/message-content';
import { runEdits } from '@tablelab/part4/sim/run-edits';
import { must } from '@tablelab/shared';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { axeViolations } from './support/axe.ts';
import { noBrowser, openPage } from './support/browser.ts';

t.setTimeout(300_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };

const base: EditList = { servers: 3, edits: [{ do: 'put', key: 'a', value: 'one', at: 5_000 }] };

/** The event at which the head's update is on its way to the middle, and the number of that message. */
async function updateUnderWay(): Promise<{ step: number; number: number }> {
  const found: { step: number; number: number }[] = [];
  await runEdits({
    seed: 1,
    edits: base,
    onStep: ({ world, cluster }) => {
      if (found.length > 0 || world.now < 5_000) return;
      for (const flight of cluster.network.underWay()) {
        const { from, to, item } = flight;
        if (from !== 's0' || to !== 's1' || !contentOf(flight).some(({ text }) => text === 'updates 0:1'))
          continue;
        found.push({ step: world.steps, number: item.number });
      }
    },
  });
  return must(found[0], 'the head sends its update');
}

const update = noBrowser === undefined ? await updateUnderWay() : { step: 0, number: 0 };
const hash = `#${new URLSearchParams({ seed: '1', edits: JSON.stringify(base), step: String(update.step) })}`;

/** Waits for the run with so many edits; returns the last one. */
async function lastEdit(t: Test, page: Page, count: number) {
  await page.waitForFunction(
    (wanted) =>
      document.querySelector('p[role="status"]')?.textContent?.includes('trace') === true &&
      document.querySelectorAll('.done li').length === wanted,
    count,
  );
  const edits = editListFrom(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('edits') ?? '');
  const { hash } = await runEdits({ seed: 1, edits });
  t.equal(await page.locator('p[role="status"] code').textContent(), hash, 'Node has the same run');
  return must(edits.edits.at(-1), 'an edit');
}

const mark = (page: Page) => page.getByRole('button', { name: 's0 to s1 updates' });
const result = (page: Page) => page.locator('.done li').last().textContent();

t.test('a message is opened, and its course changed by buttons', options, async (t) => {
  const { page } = await openPage(t, hash);
  const pane = page.locator('.message-pane');
  const press = (name: string) => pane.getByRole('button', { name, exact: true }).click();
  await mark(page).focus();
  await page.keyboard.press('Enter');
  await pane.getByRole('heading', { name: 'Message updates' }).waitFor();
  await page.waitForFunction(() => document.activeElement?.id === 'message');
  t.match(await pane.locator('dl').textContent(), /froms0tos1/);
  t.match(await pane.locator('dl').textContent(), new RegExp(`number in the run${update.number}`));
  const content = JSON.parse((await pane.locator('pre').textContent()) ?? '');
  t.match(content, { type: 'updates', updates: [{ epoch: 0, seq: 1, key: 'a', data: 'one' }] });
  await pane.getByText('It is on its way.').waitFor();
  t.same(await axeViolations(page), []);

  await press('Deliver now');
  t.match(await lastEdit(t, page, 2), { do: 'deliver', message: update.number, after: update.step });
  t.match(await result(page), /✓ done/);
  await pane.getByText('it has arrived').waitFor();
  t.ok(await pane.getByRole('button', { name: 'Drop', exact: true }).isDisabled(), 'once is enough');

  await page.getByRole('button', { name: 'Undo the last' }).click();
  await lastEdit(t, page, 1);
  await pane.getByText('It is on its way.').waitFor();
  await pane.getByLabel('by (ms)').fill('200');
  await press('Delay');
  t.match(await lastEdit(t, page, 2), { do: 'delay', message: update.number, ms: 200 });
  const [, sent, arrives] =
    /sent at([\d.]+) msarrives at([\d.]+) ms/.exec((await pane.locator('dl').textContent()) ?? '') ?? [];
  t.ok(Number(arrives) - Number(sent) >= 200, `sent at ${sent}, arrives at ${arrives}`);

  await page.getByRole('button', { name: 'Undo the last' }).click();
  await lastEdit(t, page, 1);
  await press('Drop');
  t.match(await lastEdit(t, page, 2), { do: 'drop', message: update.number });
  await pane.getByText('it was lost').waitFor();
  t.match(await pane.locator('dl').textContent(), 'lost at');
  await page.getByLabel('Space-time diagram').locator('.flight.lost').first().waitFor();

  await page.getByRole('button', { name: 'Undo the last' }).click();
  await lastEdit(t, page, 1);
  await press('Deliver and resend');
  t.match(await lastEdit(t, page, 2), { do: 'duplicate', message: update.number });
  t.match(await result(page), /✓ done/);

  await page.setViewportSize({ width: 360, height: 800 });
  await page.waitForFunction(() => document.documentElement.scrollWidth <= 360);
  await pane.locator('pre').focus();
  const event = await page.locator('output').textContent();
  for (const key of ['End', 'PageDown', 'ArrowRight']) await page.keyboard.press(key);
  t.equal(await page.locator('output').textContent(), event, 'there, keys scroll the content');
  await page.keyboard.press('Escape');
  await pane.waitFor({ state: 'detached' });
});

t.test('a message is dragged onto its receiver, or off its way', options, async (t) => {
  const { page } = await openPage(t, hash);
  const boxOf = async (one: ReturnType<Page['locator']>) =>
    must((await one.boundingBox()) ?? undefined, 'it is shown');
  /** Drags the message to a point; `hint` is what the drawing says there. */
  const dragTo = async (x: number, y: number, hint: string) => {
    await mark(page).scrollIntoViewIfNeeded();
    const { x: left, y: top, width, height } = await boxOf(mark(page).locator('.touch'));
    await page.mouse.move(left + width / 2, top + height / 2);
    await page.mouse.down();
    await page.mouse.move(x, y, { steps: 5 });
    await page.locator('.mark .label', { hasText: hint }).waitFor();
    await page.mouse.up();
  };
  await mark(page).waitFor();
  const receiver = await boxOf(page.locator('.server', { hasText: 's1#2' }));
  await dragTo(receiver.x + 40, receiver.y + 60, 'deliver now');
  t.match(await lastEdit(t, page, 2), { do: 'deliver', message: update.number });
  t.equal(await page.locator('.message-pane').count(), 0, 'a drag opens nothing');

  await page.getByRole('button', { name: 'Undo the last' }).click();
  await lastEdit(t, page, 1);
  await mark(page).scrollIntoViewIfNeeded();
  const { x, y } = await boxOf(mark(page).locator('.touch'));
  await dragTo(x, y + 90, 'drop');
  t.match(await lastEdit(t, page, 2), { do: 'drop', message: update.number });
});

t.test('a message that is not on its way cannot be changed, and the run says so', options, async (t) => {
  const edits: EditList = { ...base, edits: [...base.edits, { do: 'drop', message: 1, after: update.step }] };
  const { page } = await openPage(t, `#${new URLSearchParams({ seed: '1', edits: JSON.stringify(edits) })}`);
  await lastEdit(t, page, 2);
  t.match(await result(page), /✕ no such message is under way/);
});
