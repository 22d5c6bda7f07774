/** The page in Portuguese: nothing of what it says is left in English. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { historyToLines } from '../../part4/linearizability/index.ts';
// Programs of part 4's tests, which the package does not export.
import { connectTable, startChain } from '../../part4/test/support/chain-programs.ts';
import { axeViolations } from './support/axe.ts';
import { newPage, noBrowser, openPage } from './support/browser.ts';
import { startDashboard } from './support/dashboard.ts';
import { textsOf } from './support/texts.ts';
import { chainOf, pageTold } from './support/told-page.ts';

t.setTimeout(300_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };

/** What is the same in every language: names of the protocol, of machines and operations, and numbers. */
const sameInBoth = [
  /^[\d\s.:,|◀▶✕✗◆✓…?⚠·–%-]*( (s|ms))?$/,
  /^(ZooKeeper|HEAD|TAIL|HEAD \+ TAIL|COMMITTED|ASSIGNED|ACK|0:2)$/,
  // Machines, and servers by machine and start.
  /^(zk|[sc]\d(#\d)?|ana|you|last|127\.0\.0\.1:\d+|:\d+|[0-9a-f]{16,32})$/,
  /^(put|put-if-equals|get|del|verify)( "|$)/,
  // A message on its way, and how many more go with it.
  /^(put|get|reply|reply-has|update|updates|ack|hello|welcome|open|snapshot|chunk|invite|handover|keepalive|ping|pong|connect|heartbeat|answer|watch|request)( \+\d+)?$/,
  /^p50 (–|\d+ ms) · p99 (–|\d+ ms) · p99\.9 (–|\d+ ms)$/,
  /^\d+ ms \d ?: (put|get) "a" .+$/,
  /^[\w.-]+\.history$/,
  // A session with ZooKeeper.
  /^(\w+ [0-9a-f]{4}|\d+ ms)$/,
  // Anchors of rules, and what a step does.
  /^(→|(chain|once|outcome|join|member|lease|log|disk|client)-[a-z-]+)$/,
  // The key.
  /^a$/,
];

/** Writes a picture of the page into the folder SCREENSHOTS, if there is one, for people to look at. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `pt-${name}.png`), fullPage: true });
}

/** Switches to Portuguese, and compares what the page says then with what it said before. */
async function compare(t: Test, page: Page, name: string): Promise<void> {
  const english = new Set(await textsOf(page));
  await page.getByRole('button', { name: 'Português' }).click();
  await page.locator('html[lang="pt-PT"]').waitFor();
  const portuguese = await textsOf(page);
  t.ok(portuguese.length > 10, `${name} says ${portuguese.length} things`);
  const left = portuguese.filter(
    (text) => english.has(text) && !sameInBoth.some((pattern) => pattern.test(text)),
  );
  t.same(left, [], `${name}: what Portuguese and English have in common`);
  t.match(page.url(), /[#&]lang=pt/, `${name}: the address keeps the language`);
  t.same(await axeViolations(page), [], name);
  await picture(page, name);
  await page.setViewportSize({ width: 360, height: 800 });
  await page.waitForFunction(() => document.documentElement.scrollWidth <= 360);
  await picture(page, `${name}-phone`);
  await page.setViewportSize({ width: 1280, height: 900 });
}

t.test('the playground', options, async (t) => {
  const edits = JSON.stringify({
    servers: 3,
    edits: [
      { do: 'put', key: 'a', value: 'one', at: 5_000 },
      { do: 'pause', server: 's2', at: 6_000 },
      { do: 'kill', server: 's1', at: 6_000 },
      { do: 'kill', server: 's1', at: 6_001 },
    ],
  });
  const { page } = await openPage(t, `#${new URLSearchParams({ seed: '1', step: '400', edits })}`);
  await page.locator('.server').first().waitFor();
  await compare(t, page, 'playground');
  const time = page.locator('output');
  t.match(await time.textContent(), /^\d+,\d{3} s · evento \d+$/, 'numbers as Portuguese writes them');
  await page.getByRole('button', { name: 'Evento anterior' }).click();
  await page.locator('.server').first().click();
  await page.getByRole('heading', { name: 'Servidor s0#1' }).waitFor();
  await page.reload();
  await page.locator('.server').first().waitFor();
  t.equal(await page.title(), 'A cadeia, passo a passo', 'a link opens in Portuguese');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('button', { name: 'Next seed' }).waitFor();
  await page.locator('.server').first().click();
  await compare(t, page, 'playground-server');
});

t.test('a message that is opened', options, async (t) => {
  const edits = JSON.stringify({ servers: 3, edits: [] });
  const { page } = await openPage(t, `#${new URLSearchParams({ seed: '1', step: '400', edits })}`);
  await page.locator('.mark').first().click();
  await page.locator('.message-pane').waitFor();
  await compare(t, page, 'message');
  t.notMatch(await page.locator('.message-pane dl').textContent(), /\d\.\d/, 'its times have a comma');
});

t.test('a run with faults, and one that is none', options, async (t) => {
  const { page, address } = await openPage(t, '#seed=1&step=3891');
  await page.locator('.server').first().waitFor();
  await compare(t, page, 'seed');
  await page.goto(`${address}#${new URLSearchParams({ seed: '1', edits: '{"edits":[{"do":"fly"}]}' })}`);
  await page.getByRole('alert').waitFor();
  await compare(t, page, 'no-run');
});

t.test('a lesson', options, async (t) => {
  const { page } = await openPage(t, '#lesson=committed&step=3');
  await page.locator('.server').first().waitFor();
  await compare(t, page, 'lesson');
});

t.test('a replay', options, async (t) => {
  const { page } = await openPage(t, '#replay=');
  await page.getByRole('heading', { name: 'Replay' }).waitFor();
  const lines = historyToLines([
    { client: 1, call: 0, return: 1, outcome: 'ok', kind: 'put', key: 'a', value: 1 },
    { client: 1, call: 2, return: 3, outcome: 'ok', kind: 'put', key: 'a', value: 2 },
    { client: 2, call: 4, return: 5, outcome: 'ok', kind: 'get', key: 'a', result: 1 },
  ]);
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name: 'bad.history', mimeType: 'text/plain', buffer: Buffer.from(lines) });
  await page.getByRole('status').getByText('Not linearizable').waitFor();
  await compare(t, page, 'replay');
});

t.test('the live view', options, async (t) => {
  const { zookeeper, chain } = await startChain(t, 2);
  const table = await connectTable(t, zookeeper);
  await table.put('a', Buffer.from('x'));
  const { dashboard } = await startDashboard(t, zookeeper);
  const page = await newPage(t);
  await page.goto(dashboard.url);
  await page.getByRole('status').getByText('2 servers in chain').waitFor();
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByText('Page 1: 1 key').waitFor();
  await compare(t, page, 'live');
  t.equal(await page.title(), 'A cadeia, ao vivo');
  t.notMatch(page.url(), 'token');

  const servers = page.getByRole('region', { name: 'A cadeia', exact: true }).getByRole('button');
  await servers.first().click();
  await page.getByRole('heading', { name: `Servidor ${chain[0]?.address}` }).waitFor();
  chain[1]?.program.kill('SIGKILL');
  await page
    .getByRole('listitem')
    .getByText(/o servidor 1 .*saiu/)
    .waitFor();
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('status').getByText('1 server in chain').waitFor();
  t.equal(new URL(page.url()).hash, '');
  await compare(t, page, 'live-server');
});

const ten = chainOf(10);
const { now } = ten;
const at = now.at;
const server = { id: 1, address: '127.0.0.1:40001' };

for (const [state, told] of Object.entries({
  'silent-joining': {
    ...ten,
    controls: true,
    events: [
      { at, kind: 'fault', what: 'zookeeper-lost' },
      { at, kind: 'mended', what: 'zookeeper-back' },
      { at, kind: 'view', what: 'view', version: 3, servers: [] },
      { at, kind: 'joining', what: 'waits', id: undefined, address: '127.0.0.1:50000' },
      { at, kind: 'mended', what: 'is-in', ...server },
      { at, kind: 'fault', what: 'silent', ...server },
      { at, kind: 'mended', what: 'answers-again', ...server },
      { at, kind: 'fault', what: 'has-left', ...server },
    ],
  },
  'no-servers': { ...ten, now: { ...now, servers: [], viewVersion: -1, chain: undefined } },
  'no-zookeeper': {
    ...ten,
    now: { ...now, servers: [], zooKeeper: { ...now.zooKeeper, isUp: false, trouble: 'no answer' } },
  },
  'unreadable-record': {
    ...ten,
    now: { ...now, zooKeeper: { ...now.zooKeeper, record: undefined, unreadable: 'no JSON' } },
  },
} satisfies Readonly<Record<string, typeof ten>>)) {
  t.test(`the live view: ${state}`, options, async (t) => {
    await compare(t, await pageTold(t, told), state);
  });
}
