import type { ListedServer, ServerStatus } from '@tablelab/part4/live';
import type { Page } from 'playwright-core';
import type { Test } from 'tap';
import type { LiveMessage } from '../../src/dashboard/live-messages.ts';
import { newPage } from './browser.ts';
import { startDashboard } from './dashboard.ts';

/** All that the page of a running chain is told when it opens. */
type Snapshot = Extract<LiveMessage, { type: 'snapshot' }>;

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

/** What the page is told of so many servers; of several, one is silent, and one more waits to join. */
export function chainOf(count: number): Snapshot {
  const servers = Array.from({ length: count }, (_, index) => serverAt(index, count));
  if (count > 1) {
    const joining = { ...status, role: 'joining', id: null, viewVersion: -1 } as const;
    servers.push({ address: '127.0.0.1:50000', role: 'joining', id: undefined, behind: 12, answer: joining });
  }
  const numbers = servers.flatMap(({ id }) => (id === undefined ? [] : [id]));
  return {
    type: 'snapshot',
    controls: false,
    load: 0,
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

/** A page that is told this again and again, or only once, and nothing else, instead of what its server sends. */
export async function pageTold(
  t: Test,
  message: Snapshot,
  { isOnce = false }: { readonly isOnce?: boolean } = {},
): Promise<Page> {
  // No ZooKeeper is there.
  const { dashboard } = await startDashboard(t, '127.0.0.1:1');
  const page = await newPage(t);
  // Time passes only as a test wants.
  if (isOnce) await page.clock.install();
  const told = { data: JSON.stringify(message), isOnce };
  await page.addInitScript(({ data, isOnce }) => {
    let isTold = false;
    class Told extends EventTarget {
      set onmessage(take: (event: { readonly data: string }) => void) {
        if (isOnce && isTold) return;
        isTold = true;
        queueMicrotask(() => take({ data }));
        // A server that says nothing more would be lost.
        if (!isOnce) setInterval(() => take({ data }), 1_000);
      }

      close(): void {}
    }
    Object.assign(globalThis, { EventSource: Told });
  }, told);
  await page.goto(dashboard.url);
  await page.locator('.chain svg').waitFor();
  return page;
}
