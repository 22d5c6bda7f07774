/** A server that was away gets from its predecessor's disk what the log in memory no longer has (part4/README.md, "Data on disk"). */
import t from 'tap';
import type { ChainLimits } from '../src/core/limits.ts';
import type { Update } from '../src/core/update.ts';
import { CoreScript, put } from './support/core-script.ts';

const link = 'to-1';

/** A chain of one with 20 updates, of which 4 are in memory; a server that has the first `received` comes back. */
function admitting(
  received: number,
  {
    hasLog = true,
    lastEpoch = 0,
    limits = {},
  }: { hasLog?: boolean; lastEpoch?: number; limits?: Partial<ChainLimits> } = {},
): { tail: CoreScript; lines: string[] } {
  const tail = new CoreScript(0, {
    hasLog,
    limits: { windowUpdatesMax: 4, batchUpdatesMax: 3, chunkLagUpdatesMax: 5, ...limits },
  });
  tail.directory({ view: [0] });
  for (let count = 0; count < 20; count += 1) tail.write();
  tail.executed(20);
  t.equal(tail.core.state.history.log.start, 16, 'the rest is on disk only');
  tail.directory({ view: [0], joining: [7] });
  tail.on({ type: 'link-up', link });
  const lines = tail.message(link, {
    type: 'welcome',
    received,
    lastEpoch: received === 0 ? undefined : lastEpoch,
    whole: true,
    stable: 0,
    member: false,
  });
  return { tail, lines };
}

function updates(from: number, to: number): Update[] {
  return Array.from({ length: to - from }, (_, index) => put(from + index, 0));
}

const progress = (tail: CoreScript, executed: number) =>
  tail.message(link, { type: 'progress', executed, chunks: 0 });
const read = (tail: CoreScript, from: number, to: number) =>
  tail.on({ type: 'log-read', link, updates: updates(from, to) });

t.test(
  'older updates come from the disk, a few at a time, and then those in memory (part4/README.md#disk-restart)',
  async (t) => {
    const { tail, lines } = admitting(8);
    t.match(lines, [/^read-log .*seq 8.*end 16.*countMax 3/]);
    t.match(read(tail, 8, 11), [/updates 0:8 0:9 0:10/, /^read-log .*seq 11/]);
    t.match(read(tail, 11, 14), [/updates 0:11 0:12 0:13/], 'it waits for the receiver');
    t.match(progress(tail, 10), [/^read-log .*seq 14.*end 16/]);
    t.same(progress(tail, 11), [], 'one read at a time');
    t.match(
      read(tail, 14, 16),
      [/updates 0:14 0:15/, /updates 0:16 0:17 0:18/, /updates 0:19/, /invite seq 20/],
      'the rest is in memory',
    );
  },
);

t.test(
  'what is trimmed from memory meanwhile comes from the disk, too (part4/README.md#disk-restart)',
  async (t) => {
    const { tail } = admitting(14);
    for (let count = 0; count < 10; count += 1) tail.write();
    t.match(tail.executed(30), [/^reply/].concat(Array(9).fill(/^reply/)), 'nothing is sent over the gap');
    t.match(read(tail, 14, 16), [/updates 0:14 0:15/, /^read-log .*seq 16.*end 26/]);
  },
);

t.test('a snapshot is sent only if the log does not reach back (part4/README.md#disk-restart)', async (t) => {
  const { tail } = admitting(8);
  t.match(tail.on({ type: 'log-read', link, updates: [] }), [/snapshot from 20/, /^read-chunk/]);
});

t.test('a log that cannot be read on: the link begins anew (part4/README.md#disk-restart)', async (t) => {
  const { tail } = admitting(8);
  read(tail, 8, 11);
  t.match(tail.on({ type: 'log-read', link, updates: [] }), [/^close .*cannot be read on/, /^dial/]);
  t.same(read(tail, 11, 14), [], 'what comes for the old link is dropped');
});

t.test(
  'without a disk, or where the histories differ, a snapshot is sent at once (part4/README.md#disk-restart)',
  async (t) => {
    t.match(admitting(8, { hasLog: false }).lines, [/snapshot from 20/, /^read-chunk/]);
    t.match(admitting(8, { lastEpoch: 3 }).lines, [/snapshot from 20/, /^read-chunk/]);
    t.match(admitting(16).lines[0], /updates 0:16/, 'what memory has is not read');
  },
);

t.test('the bytes under way have a limit, too (part4/README.md#disk-restart)', async (t) => {
  const { tail } = admitting(8, { limits: { lagBytesMax: 1_000 } });
  const large = updates(8, 11).map((update) => ({ ...update, data: new Uint8Array(200) }));
  t.match(
    tail.on({ type: 'log-read', link, updates: large }),
    [/updates 0:8 0:9 0:10/],
    'it waits for the receiver',
  );
  t.match(progress(tail, 11), [/^read-log .*seq 11/]);
});
