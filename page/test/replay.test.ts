/** A file that somebody opens: a history of clients, a list of edits, a trace, or none of them. */

import { editListFrom } from '@tablelab/part4/sim/edit-list';
import { runEdits } from '@tablelab/part4/sim/run-edits';
import { runSeed } from '@tablelab/part4/sim/run-seed';
import { traceHeader } from '@tablelab/part4/sim/trace-file';
import t from 'tap';
import { historyFileText, historyToLines, type Operation } from '../../part4/linearizability/index.ts';
import { axeViolations } from './support/axe.ts';
import { noBrowser, openPage } from './support/browser.ts';

t.setTimeout(300_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };

/** Two clients; the last read is stale, if it is to be. */
function history(isStale: boolean): Operation[] {
  const operations: Operation[] = [];
  for (let value = 0; value < 120; value += 1) {
    const call = value * 10;
    operations.push({ client: 1, call, return: call + 4, outcome: 'ok', kind: 'put', key: 'a', value });
    operations.push({
      client: 2,
      call: call + 5,
      return: call + 8,
      outcome: 'ok',
      kind: 'get',
      key: 'a',
      result: value,
    });
  }
  const result = isStale ? 3 : 119;
  return [
    ...operations,
    { client: 2, call: 2_000, return: 2_001, outcome: 'ok', kind: 'get', key: 'a', result },
  ];
}

t.test(
  'files by the picker: a history, one without an order, edits, and none of these',
  options,
  async (t) => {
    const { page } = await openPage(t, '#replay=&lang=en');
    const choose = (name: string, text: string) =>
      page
        .locator('input[type="file"]')
        .setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
    await choose('good.history', historyToLines(history(false)));
    await page.getByRole('status').getByText('Linearizable: 241 operations').waitFor();
    t.equal(await page.locator('.no-order').count(), 0);

    await choose('bad.history', historyToLines(history(true)));
    await page.getByRole('status').getByText('Not linearizable: 241 operations').waitFor();
    const entries = await page.locator('.no-order li').allTextContents();
    t.equal(entries.length, 3, entries.join('; '));
    t.equal(entries[0], '30 ms 1: put "a" = "3"');
    t.equal(entries[2], '2000 ms 2: get "a" -> "3"', 'the stale read');
    t.ok(await page.locator('.operation-box.odd').count(), 'they are marked in the strip');
    t.same(await axeViolations(page), []);
    await page.getByRole('button', { name: 'Earlier' }).click();
    await page.setViewportSize({ width: 360, height: 800 });
    await page.waitForFunction(() => document.documentElement.scrollWidth <= 360);

    const events = [
      { event: 'view', at: 100, version: 4, servers: ['s1', 's2', 's3'] },
      { event: 'fault', at: 605.5, text: 's3: SIGKILL' },
      { event: 'view', at: 1_990, version: 5, servers: ['s1', 's2'] },
    ] as const;
    await page.setViewportSize({ width: 1280, height: 800 });
    await choose('chaos.history', historyFileText(history(false), events));
    await page.getByRole('status').getByText('Linearizable: 241 operations').waitFor();
    const list = page.getByRole('list', { name: 'Views and faults' });
    t.same(
      (await list.getByRole('listitem').allTextContents()).map((text) => text.replace(/\s+/g, ' ').trim()),
      ['100 ms ◆ view 4: s1 → s2 → s3', '606 ms ✗ s3: SIGKILL', '1990 ms ◆ view 5: s1 → s2'],
    );
    const marks = () => page.locator('.mark title').allTextContents();
    t.same(await marks(), ['view 4: s1 → s2 → s3\n100.0 ms'], 'the marks of the part that is shown');
    await list.getByRole('button', { name: '1990 ms' }).click();
    await page.locator('.mark title', { hasText: 'view 5' }).waitFor({ state: 'attached' });
    t.same(await axeViolations(page), []);
    await choose('chaos.history', '{"event":"fault","at":1}');
    await page.getByRole('alert').getByText('line 1 of the history is not an operation').waitFor();

    await choose('notes.txt', 'this is no history\n');
    await page.getByRole('alert').getByText('line 1 of the history is not an operation').waitFor();
    await choose('empty.history', '');
    await page.getByRole('alert').getByText('the file has no operation').waitFor();
    await choose('large.history', 'x'.repeat(8_000_001));
    await page.getByRole('alert').getByText('it is too large').waitFor();
    await choose('edits.json', '{"edits": [{"do": "fly", "at": 1}]}');
    await page.getByRole('alert').getByText('the edits are malformed').waitFor();

    await choose(
      'edits.json',
      '{"servers": 2, "edits": [{"do": "put", "key": "a", "value": "one", "at": 5000}]}',
    );
    await page.getByRole('status').getByText('No rule was broken').waitFor();
    t.match(decodeURIComponent(page.url()), '"do":"put"', 'edits are played');
  },
);

t.test('a trace is played from what its first line says, and compared', options, async (t) => {
  const { page } = await openPage(t, '#replay=');
  const choose = async (name: string, text: string) => {
    await page.getByRole('link', { name: 'Replay' }).click();
    await page
      .locator('input[type="file"]')
      .setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
  };
  const edits = editListFrom(
    '{"servers": 2, "edits": [{"do": "put", "key": "a", "value": "one", "at": 5000}]}',
  );
  const result = await runEdits({ seed: 3, edits, keepsTrace: true });
  const summary = (hash: string) => `seed 3: trace ${hash}, ${result.steps} steps, 1 ms`;
  const text = [traceHeader({ seed: 3 }, edits), ...result.trace, summary(result.hash), ''].join('\n');
  await choose('sim.txt', text);
  await page.getByText('The same run as in sim.txt, event by event').waitFor();
  t.match(decodeURIComponent(page.url()), /#seed=3&.*"do":"put"/);

  await choose('other.txt', text.replace(result.hash, '00000000'));
  await page.getByText('Not the run of other.txt, whose trace is 00000000').waitFor();
  t.same(await axeViolations(page), []);

  const { trace, hash } = await runSeed({ seed: 4, kinds: ['crash'], keepsTrace: true });
  await choose('crash.txt', [traceHeader({ seed: 4, kinds: ['crash'] }), ...trace, summary(hash)].join('\n'));
  await page.getByText('The same run as in crash.txt').waitFor();
  t.match(page.url(), /#seed=4&.*faults=crash/);

  await choose('part.txt', trace.slice(10, 310).join('\n'));
  await page.getByRole('status').getByText('Lines of a trace').waitFor();
  const lines = page.getByRole('region', { name: 'Lines 1 to 200 of 300' });
  t.equal(await lines.textContent(), trace.slice(10, 210).join('\n'));
  t.same(await axeViolations(page), []);
  await page.getByRole('button', { name: 'Later' }).click();
  await page.getByRole('region', { name: 'Lines 101 to 300 of 300' }).waitFor();

  await choose('wrong.txt', '# run {"seed":"one"}\n');
  await page.getByRole('alert').getByText('does not say what makes its run').waitFor();
  await choose('notes.txt', 'this is none of them\n');
  await page.getByRole('alert').getByText('it is neither a history').waitFor();

  const data = await page.evaluateHandle((dropped) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([dropped], 'dropped.txt'));
    return transfer;
  }, text);
  await page.dispatchEvent('.replay', 'drop', { dataTransfer: data });
  await page.getByText('The same run as in dropped.txt').waitFor();
});

t.test('a file by its address, of the page’s own server alone', options, async (t) => {
  const { page, address } = await openPage(t);
  await page.route(
    ({ pathname }) => pathname === '/bad.history',
    (route) => route.fulfill({ body: historyToLines(history(true)) }),
  );
  await page.goto(`${address}?trace=bad.history`);
  await page.getByRole('status').getByText('Not linearizable').waitFor();
  await page.goto(`${address}?trace=https://other.example/bad.history`);
  await page.getByRole('alert').getByText('it lies on another server').waitFor();
});
