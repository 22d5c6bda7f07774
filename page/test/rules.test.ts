/** The rules of the hand-out that a server's last step concerns. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rulesOfStep, rulesOfSteps } from '@tablelab/part4/sim/step-rules';
import t from 'tap';
import { rulesIn } from '../src/server/rule-texts.ts';
import { Site } from '../src/server/site.ts';
import { axeViolations } from './support/axe.ts';
import { noBrowser, openPage, root } from './support/browser.ts';

t.setTimeout(300_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };

for (const [language, file] of [
  ['en', 'part4/README.md'],
  ['pt', 'part4/README.pt.md'],
] as const) {
  t.test(`each rule of ${file} has its text`, async (t) => {
    const stated = [...readFileSync(join(root, file), 'utf8').matchAll(/<a id="([^"]+)">/g)].map(
      ([, anchor]) => anchor,
    );
    const rules = rulesIn(root, language);
    t.same(
      rules.map(({ anchor }) => anchor),
      stated,
    );
    for (const { anchor, section, pieces } of rules) {
      const text = pieces.map((piece) => piece.text).join('');
      t.ok(section !== '' && text.trim().length > 30, `${anchor}: ${text}`);
      t.notMatch(text, /\n|\]\(|<a /, anchor);
    }
    for (const anchor of rulesOfSteps()) t.ok(stated.includes(anchor), `${anchor}, which a step concerns`);
    const page = new Site(root).files().get(language === 'en' ? 'rules.html' : 'rules.pt.html')?.body ?? '';
    for (const anchor of stated) t.ok(page.includes(`<li id="${anchor}">`), `the page has ${anchor}`);
  });
}

t.test('the rules of a step are those of its event and its effects, each once', async (t) => {
  t.same(rulesOfStep({ event: 'message updates', effects: ['execute', 'send ack', 'log'] }), [
    'chain-order',
    'chain-resend',
    'chain-committed',
  ]);
  t.same(rulesOfStep({ event: 'no such event', effects: [] }), []);
});

t.test('the pane of a server has them, in both languages', options, async (t) => {
  const edits = JSON.stringify({
    servers: 3,
    edits: [{ do: 'put', key: 'a', value: 'one', at: 5_000 }],
  });
  const { page, address } = await openPage(
    t,
    `#${new URLSearchParams({ seed: '1', edits, step: '100000' })}`,
  );
  await page.locator('.server', { hasText: 's0#1' }).click();
  const rules = page.locator('.step-rules li');
  const committed = rules.filter({ hasText: 'chain-committed' });
  await committed.getByText('A write is answered COMMITTED only after the tail').waitFor();
  t.equal(await committed.getByRole('link').getAttribute('href'), 'rules.html#chain-committed');
  t.same(await axeViolations(page), []);
  await page.getByRole('button', { name: 'Português' }).click();
  await page.getByRole('heading', { name: 'O seu último passo' }).waitFor();
  const text = rulesIn(root, 'pt').find(({ anchor }) => anchor === 'chain-committed');
  await committed.getByText(text?.pieces[0]?.text.trim() ?? '').waitFor();
  await page.setViewportSize({ width: 360, height: 800 });
  await page.waitForFunction(() => document.documentElement.scrollWidth <= 360);

  await page.goto(`${address}rules.pt.html#chain-order`);
  await page.locator('li:target', { hasText: 'chain-order' }).waitFor();
  t.same(await axeViolations(page), []);
  await page.waitForFunction(() => document.documentElement.scrollWidth <= 360);
});
