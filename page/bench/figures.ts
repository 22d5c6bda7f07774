/**
 * What the page costs: the size of the static site, the time to its first picture, how often it draws, and what an open live view costs
 * its server and the chain.
 *
 *     npx node page/bench/figures.ts [--runs 5] [--milliseconds 5000] [--connections 4]
 *
 * Needs Chromium (CHROMIUM, by default Debian's), which draws in software, and ZooKeeper. Times are medians of all runs, followed by the
 * lowest and the highest. The ratio of ten pages compares turns with ten pages and turns with none, one after the other; the pages are
 * ten streams of events without a browser, since ten browsers would need the processor themselves.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { must } from '@tablelab/shared';
import { type ChildProgram, spawnProgram } from '@tablelab/shared/process';
import { type Browser, chromium, type Page } from 'playwright-core';
// Programs of parts 3 and 4 that their packages do not export.
import { load } from '../../part3/bench/load.ts';
import { median } from '../../part3/bench/statistics.ts';
import { startChain } from '../../part4/bench/contestants.ts';
import { committed } from '../../part4/bench/protocols.ts';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    milliseconds: { type: 'string', default: '5000' },
    connections: { type: 'string', default: '4' },
  },
});
const runs = Number(options.runs);
const durationMs = Number(options.milliseconds);
const connections = Number(options.connections);
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'tablelab-page-'));
const deadlineMs = 60_000;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  // Chromium's sandbox does not work for root.
  chromiumSandbox: process.getuid?.() !== 0,
});
try {
  const site = join(folder, 'site');
  await writeSite(site);
  reportSizes(site);
  const server = serveFolder(site);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await reportFirstPicture(browser, address);
  await reportPlayground(browser, address);
  server.close();
  server.closeAllConnections();
  await reportLive(browser);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}

async function writeSite(path: string): Promise<void> {
  const program = spawnProgram(join(root, 'page/src/programs/page.ts'), ['--out', path]);
  await program.waitForLine(/files in/, deadlineMs);
  await program.exited;
}

function reportSizes(path: string): void {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const contents = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name)));
  const kib = (sizes: readonly number[]) =>
    `${Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1_024)} KiB`;
  const plain = kib(contents.map((content) => content.length));
  const gzip = kib(contents.map((content) => gzipSync(content).length));
  const brotli = kib(contents.map((content) => brotliCompressSync(content).length));
  console.log(`static site: ${files.length} files, ${plain}; each by gzip ${gzip}, by brotli ${brotli}`);
}

/** A plain web server, which compresses. */
function serveFolder(path: string): Server {
  return createServer(({ url = '' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const name = join(path, pathname === '/' ? 'index.html' : pathname);
    const type = types[extname(name)];
    if (type === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip' });
    response.end(gzipSync(readFileSync(name)));
  });
}

/** Each time in a new context, so that nothing is in the cache. */
async function reportFirstPicture(browser: Browser, address: string): Promise<void> {
  const painted: number[] = [];
  const drawn: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(deadlineMs);
    await page.goto(`${address}#seed=1`);
    await page.locator('svg').first().waitFor();
    const [paint, now] = await page.evaluate(() => [
      performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
      performance.now(),
    ]);
    painted.push(must(paint, 'two numbers'));
    drawn.push(must(now, 'two numbers'));
    await context.close();
  }
  console.log(
    `first text: ${spread(painted)} ms; the run of seed 1 is simulated and drawn: ${spread(drawn)} ms`,
  );
}

async function reportPlayground(browser: Browser, address: string): Promise<void> {
  const page = await browser.newPage();
  page.setDefaultTimeout(deadlineMs);
  await page.goto(`${address}#seed=1&step=0`);
  await page.locator('svg').first().waitFor();
  await page.locator('section.time select').selectOption({ index: 2 });
  await page.locator('button.play').click();
  const rates: number[] = [];
  for (let run = 0; run < runs; run += 1) rates.push(await framesPerSecond(page, 'svg'));
  console.log(`playground, seed 1 played at 50 events a second: ${spread(rates)} pictures a second`);
  await page.close();
}

/** How many frames a second there are in which something below `selector` is not as in the frame before. */
async function framesPerSecond(page: Page, selector: string): Promise<number> {
  return await page.evaluate(
    async ({ selector, durationMs }) => {
      const seen = { isChanged: false, frames: 0 };
      const observer = new MutationObserver(() => {
        seen.isChanged = true;
      });
      for (const element of document.querySelectorAll(selector))
        observer.observe(element, { subtree: true, childList: true, attributes: true, characterData: true });
      const began = performance.now();
      while (performance.now() - began < durationMs) {
        await new Promise(requestAnimationFrame);
        if (seen.isChanged) seen.frames += 1;
        seen.isChanged = false;
      }
      observer.disconnect();
      return (seen.frames * 1_000) / (performance.now() - began);
    },
    { selector, durationMs },
  );
}

async function reportLive(browser: Browser): Promise<void> {
  const chain = await startChain(3);
  const dashboard = spawnProgram(join(root, 'page/src/programs/table-dashboard.ts'), [chain.zookeeper, '0']);
  try {
    const [, url = ''] = await dashboard.waitForLine(/^listening on (\S+)$/, deadlineMs);
    const origin = new URL(url).origin;
    for (const pages of [0, 1, 10]) await reportIdle(dashboard, origin, pages);
    await reportRatio(chain, origin);
    await reportLiveFrames(browser, chain, url);
  } finally {
    await dashboard.stop();
    await chain.stop();
  }
}

async function reportIdle(dashboard: ChildProgram, origin: string, pages: number): Promise<void> {
  const close = openStreams(origin, pages);
  await wait(2_000);
  const shares: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const [before, began] = [processorMs(dashboard.pid), performance.now()];
    await wait(durationMs);
    shares.push((100 * (processorMs(dashboard.pid) - before)) / (performance.now() - began));
  }
  close();
  console.log(
    `live view, nothing happens, ${pages} pages: its server takes ${spread(shares, 1)} % of a core`,
  );
}

type Chain = Awaited<ReturnType<typeof startChain>>;

async function reportRatio(chain: Chain, origin: string): Promise<void> {
  await rateOf(chain);
  const ratios: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const none = await rateOf(chain);
    const close = openStreams(origin, 10);
    ratios.push((await rateOf(chain)) / none);
    close();
  }
  const shown = ratios.map((ratio) => ratio * 1_000);
  const [middle, low, high] = [median(shown), Math.min(...shown), Math.max(...shown)].map((value) =>
    (value / 1_000).toFixed(3),
  );
  console.log(
    `throughput with ten pages, ${connections} connections: ${middle} of that with none (${low} to ${high})`,
  );
}

/** COMMITTED puts a second. */
async function rateOf({ putPort: port }: Chain): Promise<number> {
  const shape = { operation: 'put', connections, inFlight: 16, durationMs, keyCount: 1_000 } as const;
  return (await load({ protocol: committed, port, ...shape })).requestsPerSecond;
}

async function reportLiveFrames(browser: Browser, chain: Chain, url: string): Promise<void> {
  const page = await browser.newPage();
  page.setDefaultTimeout(deadlineMs);
  await page.goto(url);
  await page.getByText('3 servers in chain').first().waitFor();
  const rates: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const [frames] = await Promise.all([allFramesPerSecond(page), rateOf(chain)]);
    rates.push(frames);
  }
  console.log(
    `live view of 3 servers, ${connections} clients at full speed: ${spread(rates)} frames a second`,
  );
  await page.close();
}

/** How many frames a second the browser shows, whether anything has changed or not: what a person who scrolls or points would see. */
async function allFramesPerSecond(page: Page): Promise<number> {
  return await page.evaluate(async (durationMs) => {
    let frames = 0;
    const began = performance.now();
    while (performance.now() - began < durationMs) {
      await new Promise(requestAnimationFrame);
      frames += 1;
    }
    return (frames * 1_000) / (performance.now() - began);
  }, durationMs);
}

/** Asks for as many streams of events as so many pages do. */
function openStreams(origin: string, pages: number): () => void {
  const requests = Array.from({ length: pages }, () =>
    get(`${origin}/api/live`, (response) => response.resume()).on('error', () => undefined),
  );
  return () => {
    for (const request of requests) request.destroy();
  };
}

/** The processor time of a process since its start. USER_HZ is 100 on every Linux. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Median, lowest and highest. */
function spread(values: readonly number[], digits = 0): string {
  const [middle, low, high] = [median(values), Math.min(...values), Math.max(...values)].map((value) =>
    value.toFixed(digits),
  );
  return `${middle} (${low} to ${high})`;
}
