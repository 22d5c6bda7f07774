import type { KeyPage } from '@tablelab/part1';
import { Table } from '@tablelab/part1';
import { decodeMessage, ErrorNumber, FrameBatch, FrameDecoder, Opcode, type Reply } from '@tablelab/part2';
import { Deferred, KeyLister } from '@tablelab/part3';
import { must } from '@tablelab/shared';
import t from 'tap';

/** A lister over `count` keys; steps are done when the test says so, and are counted. */
function setUp(count: number, options: { keysBytes?: number; scan?: (from: number) => KeyPage } = {}) {
  const table = new Table(8);
  for (let index = 0; index < count; index += 1) table.put(`key:${index}`, new Uint8Array(1));
  const due: (() => void)[] = [];
  let steps = 0;
  const lister = new KeyLister({
    scan: (from) => {
      steps += 1;
      return options.scan?.(from) ?? table.scan({ prefix: '', from, keysMax: Number.POSITIVE_INFINITY });
    },
    keysBytes: () => options.keysBytes ?? 0,
    soon: (run) => void due.push(run),
  });
  /** One turn of the event loop; false if nothing is due. */
  const turn = () => {
    const stepsBefore = steps;
    const runs = due.splice(0);
    for (const run of runs) run();
    t.ok(steps - stepsBefore <= 1, 'one step a turn');
    return runs.length > 0;
  };
  return { table, lister, turn, steps: () => steps };
}

function keysOf(reply: Reply): string[] {
  const batch = new FrameBatch({ payloadBytesMax: 2 ** 25 });
  batch.append(reply);
  const [payload] = new FrameDecoder({ frameBytesMax: 2 ** 25 }).push(batch.take());
  const message = decodeMessage(must(payload, 'a frame'));
  t.equal(message.opcode, Opcode.OP_GETKEYS + 1);
  return [...message.keys];
}

/** Notes the replies as they come. */
function noting(reply: Reply | Deferred<Reply>, replies: Reply[]): void {
  if (reply instanceof Deferred) reply.whenSettled((settled) => void replies.push(settled));
  else replies.push(reply);
}

t.test('a few keys are read at once (part3/README.md#server-keys)', async (t) => {
  for (const count of [0, 1, 1_000]) {
    const { lister, table } = setUp(count);
    const reply = lister.list();
    if (reply instanceof Deferred) throw new Error(`${count} keys, and no reply at once`);
    t.same(keysOf(reply).toSorted(), table.keys().toSorted());
  }
});

t.test(
  'many keys come in short steps; all who ask meanwhile share the next list (part3/README.md#server-keys)',
  async (t) => {
    const { lister, table, turn, steps } = setUp(20_000);
    const replies: Reply[] = [];
    for (let client = 0; client < 256; client += 1) noting(lister.list(), replies);
    t.equal(replies.length, 0);
    table.put('late', new Uint8Array(1));
    let most = 0;
    for (let before = 0; turn(); before = replies.length) most = Math.max(most, replies.length - before);
    t.equal(replies.length, 256);
    t.equal(most, 1, 'one reply a turn');
    t.ok(steps() < 200, `${steps()} steps for two lists`);
    const isStable = (key: string) => key !== 'late';
    const [first, second] = [keysOf(must(replies[0], 'one')), keysOf(must(replies[255], 'one'))];
    const lists = new Set(replies.map(({ encodedKeys }) => must(encodedKeys, 'many keys, as bytes')));
    t.equal(lists.size, 2, 'all who share a list get the same bytes, not a copy each');
    t.equal(new Set(first).size, first.length, 'none twice');
    t.equal(first.filter(isStable).length, 20_000);
    t.equal(second.length, 20_001, 'who asked later sees what was there before');
    const third: Reply[] = [];
    noting(lister.list(), third);
    while (turn());
    t.equal(third.length, 1, 'and it begins again');
  },
);

t.test('too many keys are refused before one is read (part3/README.md#server-keys)', async (t) => {
  const { lister, steps } = setUp(10, { keysBytes: 16 * 1024 * 1024 + 1_025 });
  t.throws(() => lister.list(), { code: 'TOO_LARGE' });
  t.equal(steps(), 0);
});

t.test('a list that cannot go on is an error for all who wait', async (t) => {
  let fails = false;
  const { lister, turn } = setUp(0, {
    scan: (from) => {
      if (fails) throw new Error('a bug');
      return { keys: [`k${from}`], next: from + 1 };
    },
  });
  const replies: Reply[] = [];
  noting(lister.list(), replies);
  noting(lister.list(), replies);
  turn();
  fails = true;
  while (turn());
  t.match(replies, [{ error: ErrorNumber.INTERNAL }, { error: ErrorNumber.INTERNAL }]);
});
