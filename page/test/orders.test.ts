/** Of two things that a person asks for, one right after the other, the page shows the second. */
import t from 'tap';
import { historyToLines } from '../../part4/linearizability/index.ts';
import { noBrowser, openPage } from './support/browser.ts';

t.setTimeout(60_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };

t.test('a run is asked for before an address with wrong edits has been refused', options, async (t) => {
  const { page } = await openPage(t, '#seed=3');
  await page.getByText('Seed 3,').waitFor();
  await page.evaluate(async () => {
    const goTo = async (hash: string) => {
      const changed = new Promise((resolve) => addEventListener('hashchange', resolve, { once: true }));
      location.hash = hash;
      await changed;
    };
    await goTo('#seed=1&edits={');
    await goTo('#seed=4');
  });
  await page.getByText('Seed 4,').waitFor();
  t.equal(await page.getByRole('alert').count(), 0);
  t.match(page.url(), /#seed=4&/);
});

t.test('a file is opened before another has been refused', options, async (t) => {
  const { page } = await openPage(t, '#replay=');
  await page.getByRole('heading', { name: 'Replay' }).waitFor();
  const right = historyToLines([
    { client: 1, call: 0, return: 1, outcome: 'ok', kind: 'put', key: 'a', value: 1 },
  ]);
  await page.evaluate(
    async (texts) => {
      const input = document.querySelector('input[type="file"]') as HTMLInputElement;
      for (const [name, text] of texts) {
        const data = new DataTransfer();
        data.items.add(new File([text], name));
        input.files = data.files;
        input.dispatchEvent(new Event('change', { bubbles: true }));
        // The one has gone to the simulator when the other comes, but has not come back.
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    },
    [
      ['wrong.history', 'this is none\n'],
      ['right.history', right],
    ] as const,
  );
  await page.getByRole('status').getByText('right.history').waitFor();
  t.equal(await page.getByRole('alert').count(), 0);
});
