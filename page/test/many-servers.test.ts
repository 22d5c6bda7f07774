/** The drawing with many servers and with one: nothing lies on anything else, wide or narrow, in both languages and themes. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ListedServer, ServerStatus } from '@tablelab/part4/live';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { LiveMessage } from '../src/dashboard/live-messages.ts';
import { axeViolations } from './support/axe.ts';
import { newPage, noBrowser, openPage } from './support/browser.ts';
import { startDashboard } from './support/dashboard.ts';
import { overlaps } from './support/overlaps.ts';

t.setTimeout(120_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };

/** The longest figures that a server may show. */
const status: ServerStatus = {
  role: 'middle',
  id: 0,
  chain: 'c43a8c3b7cf3c256',
  viewVersion: 1_234,
  obstacle: null,
  leaseMs: 7_499,
  received: 1_234_567_890,
  executed: 1_234_567_880,
  stable: 1_234_567_870,
  entries: 1_000_000,
  tableBytes: 987_654_321,
  unsettledBytes: 1_000_000,
  sessions: 10_000,
  upMs: 86_400_000,
  operations: undefined,
};

function serverAt(index: number, count: number): ListedServer {
  const [first, last] = [index === 0, index === count - 1];
  const role: ServerStatus['role'] = count === 1 ? 'alone' : first ? 'head' : last ? 'tail' : 'middle';
  // One that has fallen silent, and one that has not been in any chain before.
  const answer = count > 1 && index === 4 ? { trouble: 'no answer within 1000 ms' } : { ...status, role };
  return { address: `127.0.0.1:${40_000 + index}`, role, id: index, behind: index, answer };
}

function chainOf(count: number): LiveMessage {
  const servers = Array.from({ length: count }, (_, index) => serverAt(index, count));
  if (count > 1) {
    const joining = { ...status, role: 'joining', id: null, viewVersion: -1 } as const;
    servers.push({ address: '127.0.0.1:50000', role: 'joining', id: undefined, behind: 12, answer: joining });
  }
  const numbers = servers.flatMap(({ id }) => (id === undefined ? [] : [id]));
  return {
    type: 'snapshot',
    controls: false,
    points: [],
    events: [],
    now: {
      at: Date.UTC(2026, 0, 1),
      zooKeeper: {
        isUp: true,
        trouble: undefined,
        record: { view: 1_234, members: numbers },
        unreadable: undefined,
        view: numbers,
      },
      chain: status.chain ?? undefined,
      viewVersion: 1_234,
      servers,
    },
  };
}

/** A page that is told this and nothing else, instead of what its server sends. */
async function pageTold(t: Test, message: LiveMessage): Promise<Page> {
  // No ZooKeeper is there.
  const { dashboard } = await startDashboard(t, '127.0.0.1:1');
  const page = await newPage(t);
  await page.addInitScript((data) => {
    class Told extends EventTarget {
      set onmessage(take: (event: { readonly data: string }) => void) {
        queueMicrotask(() => take({ data }));
      }
    }
    Object.assign(globalThis, { EventSource: Told });
  }, JSON.stringify(message));
  await page.goto(dashboard.url);
  await page.locator('.server').first().waitFor();
  return page;
}

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
