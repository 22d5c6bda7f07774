/** The parts of the live view that need no chain. */
import type { ListedServer, ServerStatus } from '@tablelab/part4/live';
import t from 'tap';
import { findKeys } from '../src/dashboard/key-search.ts';
import { liveEvents } from '../src/dashboard/live-events.ts';
import { LiveHistory } from '../src/dashboard/live-history.ts';
import type { LiveNow } from '../src/dashboard/live-messages.ts';
import { livePoint } from '../src/dashboard/live-point.ts';

type Operations = NonNullable<ServerStatus['operations']>;

function server(address: string, upMs: number, operations?: Operations): ListedServer {
  const answer: ServerStatus = {
    role: 'alone',
    id: 0,
    chain: 'c',
    viewVersion: 1,
    obstacle: null,
    leaseMs: 1,
    received: 0,
    executed: 0,
    stable: 0,
    entries: 0,
    tableBytes: 0,
    unsettledBytes: 0,
    sessions: 0,
    upMs,
    operations,
  };
  return { address, role: 'alone', id: 0, behind: 0, answer };
}

const none = { done: 0, times: [] };

t.test('a point adds up what the servers did since the one before', async (t) => {
  const before = [server('a', 1_000, { reads: none, writes: { done: 10, times: [[40, 10]] } })];
  const now = [
    server('a', 3_000, {
      reads: none,
      writes: {
        done: 30,
        times: [
          [40, 20],
          [80, 10],
        ],
      },
    }),
  ];
  const point = livePoint(5, before, now);
  t.match(point, { at: 5, reads: 0, writes: 10, readMs: undefined });
  t.equal(point.writeMs?.[0], 2 ** 10 / 1_000);
  t.equal(point.writeMs?.[1], 2 ** 20 / 1_000);
});

t.test('a server that was started again, or says nothing, counts for nothing', async (t) => {
  const figures = { reads: none, writes: { done: 10, times: [] } };
  t.match(livePoint(1, [server('a', 9_000, figures)], [server('a', 1_000, figures)]), { writes: undefined });
  t.match(livePoint(1, [server('a', 1_000)], [server('a', 2_000)]), { writes: undefined });
  t.match(livePoint(1, [], [server('a', 2_000, figures)]), { writes: undefined });
});

t.test('ten minutes are kept, and no more than a limit', async (t) => {
  const history = new LiveHistory();
  const point = { reads: 1, writes: 1, readMs: undefined, writeMs: undefined };
  for (let at = 0; at <= 1_200_000; at += 500)
    history.add(at, { at, ...point }, [{ at, kind: 'view', what: 'view', version: 0, servers: [] }]);
  t.equal(history.points[0]?.at, 600_000);
  t.equal(history.points.length, 1_201);
  t.equal(history.events.length, 1_000);
});

function look(at: number, servers: readonly ListedServer[], isUp = true): LiveNow {
  return {
    at,
    zooKeeper: {
      isUp,
      trouble: undefined,
      record: undefined,
      unreadable: undefined,
      view: servers.map(() => 0),
    },
    chain: 'c',
    viewVersion: servers.length,
    servers,
  };
}

t.test('what happened between two looks', async (t) => {
  const a = server('a:1', 1);
  const b = server('b:1', 1);
  const silent = { ...b, answer: { trouble: 'no answer' } };
  const texts = (...looks: [LiveNow | undefined, LiveNow]) =>
    liveEvents(...looks).map(({ at: _at, kind, ...happened }) =>
      [kind, ...Object.values(happened)].join(' '),
    );
  t.strictSame(texts(undefined, look(1, [a])), []);
  t.strictSame(texts(look(1, [a]), look(2, [a, b])), ['mended is-in 0 b:1', 'view view 2 0,0']);
  t.strictSame(texts(look(1, [a, b]), look(2, [a, silent])), ['fault silent 0 b:1']);
  t.strictSame(texts(look(1, [a, silent]), look(2, [a, b])), ['mended answers-again 0 b:1']);
  t.strictSame(texts(look(1, [a, b]), look(2, [a])), ['fault has-left 0 b:1', 'view view 1 0']);
  t.strictSame(texts(look(1, [a]), look(2, [a], false)), ['fault zookeeper-lost']);
});

t.test('a search asks for a page at a time, and stops before it has seen all keys', async (t) => {
  const keys = Array.from({ length: 100_000 }, (_, number) => `key:${number}`);
  const asked: number[] = [];
  const table = {
    scanPage: async (_prefix: string, { from, limit }: { from: number; limit: number }) => {
      asked.push(limit);
      const end = from + limit;
      return { keys: keys.slice(from, end), next: end >= keys.length ? 0 : end };
    },
  };
  const all = await findKeys(table, { prefix: '', contains: '', from: 0 }, 1_000);
  t.match(all, { next: 50, looked: 50 });
  t.strictSame(asked, [50]);
  const rare = await findKeys(table, { prefix: '', contains: '99999', from: 0 }, 1_000);
  t.strictSame(rare, { keys: [], next: 10_000, looked: 10_000 });
  const last = await findKeys(table, { prefix: '', contains: '99999', from: 90_000 }, 1_000);
  t.strictSame(last, { keys: ['key:99999'], next: 0, looked: 10_000 });
});
