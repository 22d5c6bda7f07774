/** The page in a real browser. */
import { editListFrom } from '@tablelab/part4/sim/edit-list';
import { runEdits } from '@tablelab/part4/sim/run-edits';
import { runSeed } from '@tablelab/part4/sim/run-seed';
import t from 'tap';
import { axeViolations } from './support/axe.ts';
import { loadDeadlineMs, noBrowser, openPage } from './support/browser.ts';

t.setTimeout(300_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };

/** How many seeds run in both. */
const seeds = Number(process.env.PAGE_SEEDS ?? 5);

t.test('seeds have the same traces in the browser as in Node', options, async (t) => {
  const { page } = await openPage(t);
  const inBrowser = await page.evaluate(
    ({ last }) =>
      new Promise<string[]>((resolve, reject) => {
        const hashes: string[] = [];
        const worker = new Worker('./modules/page/src/browser/worker.js', { type: 'module' });
        worker.addEventListener('error', () => reject(new Error('the worker cannot be loaded')));
        worker.addEventListener('message', ({ data }: MessageEvent) => {
          if (data.type === 'failed') reject(new Error(data.text));
          if (data.type !== 'hash') return;
          hashes.push(`${data.seed} ${data.hash}`);
          if (data.seed === last) resolve(hashes);
        });
        worker.postMessage({ type: 'hashes', first: 1, last });
      }),
    { last: seeds },
  );
  const inNode: string[] = [];
  for (let seed = 1; seed <= seeds; seed += 1) inNode.push(`${seed} ${(await runSeed({ seed })).hash}`);
  t.equal(new Set(inNode).size, seeds);
  t.same(inBrowser, inNode);
});

/** How long a step back may take at any event, in milliseconds. */
const stepBackMsMax = 100;

/** The number of the event at which the page is. */
const eventOf = (text: string | null) => Number(/event (\d+)/.exec(text ?? '')?.[1]);

t.test('a run is played, stopped, and gone through in both directions', options, async (t) => {
  const { page } = await openPage(t, '#seed=3&step=3000');
  const time = page.locator('output');
  await page.getByRole('status').getByText('No rule was broken').waitFor({ timeout: loadDeadlineMs });
  const { hash } = await runSeed({ seed: 3 });
  t.equal(await page.locator('p[role="status"] code').textContent(), hash);
  const at = eventOf(await time.textContent());
  t.ok(at > 2_900 && at <= 3_000, `the address names event 3000, and the page is at ${at}`);
  await page.locator('.server').first().waitFor();
  const drawn = () => page.locator('.chain svg').evaluate((svg) => svg.outerHTML);
  const before = await drawn();

  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(
    (event) => !document.querySelector('output')?.textContent?.endsWith(` ${event}`),
    at,
  );
  t.ok(eventOf(await time.textContent()) > at, 'a key steps on');
  await page.getByRole('button', { name: 'Step back' }).click();
  await page.waitForFunction(
    (event) => document.querySelector('output')?.textContent?.endsWith(` ${event}`),
    at,
  );
  t.equal(await drawn(), before, 'and a button back, to the same drawing');

  await page.keyboard.press('Home');
  await page.waitForFunction(() => document.querySelector('output')?.textContent?.endsWith(' 0'));
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await page.waitForFunction(() => !document.querySelector('output')?.textContent?.endsWith(' 0'));
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  // The button and the event change at the same time.
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  const stopped = eventOf(await time.textContent());
  t.match(page.url(), new RegExp(`#seed=3&step=${stopped}$`), 'the address is that of the event');

  await page.setViewportSize({ width: 360, height: 800 });
  await page.waitForFunction(() => document.documentElement.scrollWidth <= 360);
});

t.test('the diagram shows messages, operations and faults around the event', options, async (t) => {
  const { page } = await openPage(t, '#seed=1&step=3891');
  const diagram = page.getByLabel('Space-time diagram');
  await diagram.locator('.operation').first().waitFor();
  const titles = (selector: string) =>
    diagram.locator(`${selector} title`).evaluateAll((all) => all.map((title) => title.textContent));
  t.ok((await titles('.operation')).includes('put "a" = "003a"'), 'a write of a client');
  const flights = await titles('.flight');
  for (const [from, to] of [
    ['s0', 's1'],
    ['s1', 's2'],
    ['s2', 's3'],
  ])
    t.ok(
      flights.some((text) => text?.startsWith(`${from} to ${to}\nupdates`)),
      `${from} passes it on to ${to}`,
    );
  t.ok(
    flights.some((text) => text?.startsWith('s3 to s2\nack')),
    'and it is acknowledged from the tail on',
  );
  t.notOk(
    flights.some((text) => text?.endsWith('keepalive')),
    'but routine is left out',
  );
  const roles = await titles('.role');
  t.same(new Set(roles), new Set(['s0: head', 's1: middle', 's2: middle', 's3: tail']));

  // A click goes to the event there.
  const { height } = (await diagram.locator('svg').boundingBox()) ?? { height: 0 };
  await diagram.locator('svg').click({ position: { x: 100, y: height - 20 } });
  await page.waitForFunction(
    () => Number(/event (\d+)/.exec(document.querySelector('output')?.textContent ?? '')?.[1]) < 3891,
  );

  await page.getByRole('button', { name: 'Next fault' }).click();
  await diagram.locator('.fault').first().waitFor({ state: 'attached' });
});

t.test('an address that holds seed and edits gives the run that Node gives', options, async (t) => {
  const edits = JSON.stringify({
    servers: 3,
    edits: [
      { do: 'put', key: 'a', value: 'one', at: 5_000 },
      { do: 'kill', server: 's1', at: 6_000 },
      { do: 'put', key: 'a', value: 'two', at: 20_000 },
    ],
  });
  const { hash, failure } = await runEdits({ seed: 1, edits: editListFrom(edits) });
  t.equal(failure, undefined);
  const { page, address } = await openPage(
    t,
    `#${new URLSearchParams({ seed: '1', edits, step: '100000' })}`,
  );
  await page.getByRole('status').getByText('No rule was broken').waitFor();
  t.equal(await page.locator('p[role="status"] code').textContent(), hash);
  t.match(decodeURIComponent(page.url()), '"do":"kill","server":"s1"', 'the address keeps the edits');
  await page.locator('.server').first().waitFor();
  t.equal(await page.locator('.server').count(), 2, 'and the chain has gone on without the killed server');

  await page.goto(
    `${address}#${new URLSearchParams({ seed: '1', edits: '{"edits":[{"do":"fly","at":1}]}' })}`,
  );
  await page.getByRole('alert').getByText('the edits are malformed: edit 0').waitFor();
  await page.getByRole('button', { name: 'Without edits' }).click();
  await page.getByText('Seed 1,').waitFor();
  t.notMatch(page.url(), 'edits');
});

t.test('a step back is shown at once', options, async (t) => {
  const { page } = await openPage(t, '#seed=1');
  await page.locator('.server').first().waitFor();
  await page.keyboard.press('End');
  const times = await page.evaluate(async () => {
    const back = document.querySelector<HTMLElement>('[aria-label="Step back"]');
    const found: number[] = [];
    for (let count = 0; count < 30; count += 1) {
      const before = document.querySelector('output')?.textContent;
      const start = performance.now();
      const { promise, resolve } = Promise.withResolvers<void>();
      const observer = new MutationObserver(() => {
        if (document.querySelector('output')?.textContent !== before) resolve();
      });
      observer.observe(document.body, { subtree: true, childList: true, characterData: true });
      back?.click();
      await promise;
      // The layout belongs to it.
      document.body.getBoundingClientRect();
      found.push(performance.now() - start);
      observer.disconnect();
      await new Promise((painted) => requestAnimationFrame(painted));
    }
    return found.sort((one, other) => one - other);
  });
  const median = times[15] ?? Number.POSITIVE_INFINITY;
  t.comment(`a step back takes ${median.toFixed(1)} ms (median), at most ${times.at(-1)?.toFixed(1)} ms`);
  t.ok(median < stepBackMsMax, `${median} ms`);
});

for (const colorScheme of ['light', 'dark'] as const) {
  t.test(`axe finds nothing to object to, ${colorScheme}`, options, async (t) => {
    const { page } = await openPage(t, '#seed=1&step=2000');
    await page.emulateMedia({ colorScheme });
    await page.locator('.server').first().click();
    await page.getByRole('heading', { name: 'Server s' }).waitFor();
    t.same(await axeViolations(page), []);
  });
}

t.test('the keyboard alone: each control can be reached, and shows that it is', options, async (t) => {
  const { page } = await openPage(t, '#seed=1&step=2000');
  await page.locator('.server').first().waitFor();
  /** The control that has the focus, and whether an outline shows it. */
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const isShown = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
      const name = element.getAttribute('aria-label') ?? (element.textContent || element.id);
      return { name: name.trim(), isShown, isOutside: element === document.body };
    });
  const names: string[] = [];
  for (;;) {
    await page.keyboard.press('Tab');
    const { name, isShown, isOutside } = await focused();
    if (isOutside || names.length > 100) break;
    names.push(name);
    t.ok(isShown, `an outline shows the focus on ${name}`);
  }
  for (const name of [
    'seed',
    'Run',
    'Next seed',
    'HEAD s0#1',
    'Event',
    'Step back',
    'Play',
    'Step',
    'Next fault',
  ])
    t.ok(
      names.some((one) => one.startsWith(name)),
      `${name} is among ${names.join(', ')}`,
    );
  await page.locator('.server').first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Server s' }).waitFor();
  await page.locator('#seed').fill('2');
  await page.keyboard.press('Enter');
  await page.getByText('Seed 2,').waitFor();
  t.match(page.url(), /#seed=2&/);
});
