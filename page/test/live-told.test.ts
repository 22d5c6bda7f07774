/** The page of a running chain: what it shows of what it is told. */
import t from 'tap';
import { noBrowser } from './support/browser.ts';
import { chainOf, pageTold } from './support/told-page.ts';

t.setTimeout(60_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };

t.test('a server that says nothing any more is lost, though its connection is open', options, async (t) => {
  const page = await pageTold(t, chainOf(1), { isOnce: true });
  await page.getByRole('status').getByText('1 server in chain').waitFor();
  await page.clock.fastForward(11_000);
  await page.getByText('The dashboard’s server does not answer').waitFor();
});

t.test('the load that another page has asked for is on the slider', options, async (t) => {
  const page = await pageTold(t, { ...chainOf(1), controls: true, load: 250 });
  t.equal(await page.getByRole('slider').inputValue(), '250');
});

t.test('a search takes the place of the one that is under way', options, async (t) => {
  const page = await pageTold(t, chainOf(1));
  const first = Promise.withResolvers<void>();
  await page.route('**/api/keys?*', async (route) => {
    const prefix = new URL(route.request().url()).searchParams.get('prefix');
    if (prefix === 'a') await first.promise;
    await route.fulfill({ json: { keys: [`${prefix}:1`], next: 0, looked: 1 } });
  });
  const search = async (prefix: string) => {
    await page.getByLabel('begin with').fill(prefix);
    await page.getByRole('button', { name: 'Search' }).click();
  };
  await search('a');
  await search('b');
  first.resolve();
  await page.getByRole('button', { name: 'b:1' }).waitFor();
});
