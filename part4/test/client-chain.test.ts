import { once } from 'node:events';
import { connect } from 'node:net';
import {
  ContentType,
  decodeMessage,
  encodeMessage,
  FrameDecoder,
  type Message,
  Opcode,
  parseAddress,
} from '@tablelab/part2';
import { must } from '@tablelab/shared';
import { eventually, freePort, pauseProcess } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { nodeClock } from '../src/adapters/node/node-clock.ts';
import { connectionOpens } from '../src/adapters/open-quota.ts';
import { ChainDirectory } from '../src/adapters/zookeeper/chain-directory.ts';
import { ChainTable } from '../src/client/chain-table.ts';
import type { ChainTableOptions } from '../src/client/chain-table-options.ts';
import { lostNumbersMax } from '../src/core/epoch-table.ts';
import { defaultChainLimits } from '../src/core/limits.ts';
import type { OperationName } from '../src/write-name.ts';
import { bytes, type ServerProgram, startChain, startClient } from './support/chain-programs.ts';
import { openObserver } from './support/zookeeper-sessions.ts';

/** The client and its program on one chain of real server processes, which the tests end one by one. */

// Each wait has its own deadline. Each test starts real processes: on a loaded machine that takes half a minute.
t.setTimeout(55_000);

const deadlineMs = 30_000;
const textOf = (value: Uint8Array | undefined) => value && Buffer.from(value).toString();

const { zookeeper, chain: servers, add } = await startChain(t, 0);
const directory = new ChainDirectory(await openObserver(t, zookeeper), { clock: nodeClock });

/** The servers in the order of the chain, once it has `count` of them. */
async function chainOf(count: number): Promise<ServerProgram[]> {
  const view = await eventually(
    async () => {
      const now = await directory.readView();
      return now.servers.length === count && now;
    },
    { deadlineMs, what: `a chain of ${count}` },
  );
  return view.servers.map(({ address }) =>
    must(
      servers.find((server) => server.address === address),
      'this test has started it',
    ),
  );
}

async function connectTable(t: Test, options: Partial<ChainTableOptions> = {}): Promise<ChainTable> {
  const table = await ChainTable.connect({ zookeeper, deadlineMs, ...options });
  t.teardown(() => table.disconnect());
  return table;
}

/** `names`: the names of all writes; only one client writes. */
function checkNames(t: Test, names: readonly OperationName[]): void {
  const firstEpoch = Math.min(...names.map(({ epoch }) => epoch));
  const numbers = names
    .map(({ epoch, number }) => number - lostNumbersMax * (epoch - firstEpoch))
    .sort((a, b) => a - b);
  t.same(
    numbers,
    names.map((_, i) => i + must(numbers[0], 'there are some')),
    'each write has one place in the history',
  );
}

t.test('the program, without a chain: one line, and exit code 1 at its time-out', async (t) => {
  const client = startClient(zookeeper, '--timeout', '1', '--json', 'put', 'a', '1');
  t.same(await client.exited, { code: 1, signal: null });
  const text = 'no answer within 1000 ms: there is no server in the chain';
  t.same(client.stderrLines, [`error: ${text}`]);
  const error = { code: 'TIMEOUT', text, mayHaveHappened: false };
  t.same(
    client.stdoutLines.map((line) => JSON.parse(line)),
    [{ command: 'put', error }],
  );
});

t.test('the program, without ZooKeeper: one line, and exit code 1', async (t) => {
  const nowhere = `127.0.0.1:${await freePort()}`;
  const client = startClient(nowhere, '--timeout', '1', 'size');
  t.same(await client.exited, { code: 1, signal: null });
  t.match(client.stderrLines, [
    new RegExp(`^table-client: ZooKeeper at ${nowhere} cannot be reached: no session within 1000 ms`),
  ]);
  t.same(client.stdoutLines, []);
});

t.test('the program: an invalid address is a wrong argument, exit code 2', async (t) => {
  const client = startClient('nowhere', 'size');
  t.same(await client.exited, { code: 2, signal: null });
  t.match(client.stderrLines.at(-1), /^table-client: not a ZooKeeper address \(host:port/);
});

t.test('every call of the stub, and the names of writes', async (t) => {
  // A call that waits for the chain to come.
  const first = (await connectTable(t)).put('a', bytes('0'));
  while (servers.length < 5) await add();
  t.match(await first, { number: 1 });

  const table = await connectTable(t);
  const name = await table.put('a', bytes('1'));
  t.same(await table.put('b', bytes('2')), { ...name, number: name.number + 1 });
  t.equal(textOf(await table.get('a')), '1');
  t.equal(await table.get('c'), undefined);
  t.equal(await table.size(), 2);
  t.same((await table.getKeys()).sort(), ['a', 'b']);
  const iterated: string[] = [];
  for await (const key of table) iterated.push(key);
  t.same(iterated.sort(), ['a', 'b']);
  t.match(await table.del('a'), { number: name.number + 2, applied: true });
  t.match(
    await table.del('a'),
    { number: name.number + 3, applied: false },
    'a del of an absent key is a write as well',
  );
  t.equal(await table.verify(name), true);
  t.equal(await table.verify({ ...name, number: name.number + 100 }), false);
  await t.rejects(table.verify({ epoch: name.epoch + 1, number: name.number }), { code: 'LOST' });
  const many = Array.from({ length: 2_500 }, (_, n) => `many ${n}`);
  await Promise.all(many.map((key) => table.put(key, bytes('1'))));
  const given = new Set(await table.getKeys());
  t.equal(given.size, many.length + 1, 'all keys, however many');
});

t.test(
  'ten addresses that open all sessions that they may make the chain forget nobody’s (part4/README.md#once-quota)',
  async (t) => {
    const table = await connectTable(t);
    const first = await table.put('a', bytes('1'));
    const [head] = await chainOf(5);
    const { address } = must(head, 'there are five');
    const { atOnceMax } = connectionOpens;
    let opened = 0;
    for (let asked = 0; asked < defaultChainLimits.sessionsMax; asked += atOnceMax) {
      // All of 127.0.0.0/8 is this machine.
      const replies = await openSessions(address, `127.0.0.${2 + ((asked / atOnceMax) % 10)}`, atOnceMax);
      opened += replies.filter(({ opcode }) => opcode === Opcode.OP_OPEN + 1).length;
    }
    t.ok(opened >= 4_500 && opened < 0.9 * defaultChainLimits.sessionsMax, `${opened} sessions`);
    const second = await table.put('a', bytes('2'));
    t.equal(
      second.number,
      first.number + opened + 1,
      'the session is the same: no other write comes between',
    );
    t.equal(textOf(await table.get('a')), '2');
    await connectTable(t).then((late) => late.put('b', bytes('1')));
  },
);

t.test('puts on condition, has, and what a del has found (part4/README.md#outcome-said)', async (t) => {
  const table = await connectTable(t);
  const [one, two] = [bytes('one'), bytes('two')];
  t.equal(await table.has('cas'), false);
  t.match(await table.putIfEquals('cas', new Uint8Array(0), one), { applied: false }, 'an absent key');
  const stored = await table.putIfAbsent('cas', one);
  t.match(stored, { applied: true });
  t.match(await table.putIfAbsent('cas', two), { applied: false, number: stored.number + 1 });
  t.match(await table.putIfEquals('cas', two, two), { applied: false });
  t.match(await table.putIfEquals('cas', one, two), { applied: true });
  t.equal(textOf(await table.get('cas')), 'two');
  t.equal(await table.has('cas'), true);
  t.equal(await table.verify(stored), true, 'a result is a name');
  await t.rejects(table.putIfEquals('cas', 'two' as never, one), { code: 'BAD_REQUEST' });
  await t.rejects(table.putIfAbsent('cas', 1 as never), { code: 'BAD_REQUEST' });
  await t.rejects(table.has(1 as never), { code: 'BAD_REQUEST' });
  // Of clients that want the same key at once, one gets it; of a chain of exchanges, each finds what the last has left.
  const others = await Promise.all([1, 2, 3].map(() => connectTable(t)));
  const wins = await Promise.all(
    others.flatMap((other) => Array.from({ length: 20 }, (_, n) => other.putIfAbsent('lock', bytes(`${n}`)))),
  );
  t.equal(wins.filter(({ applied }) => applied).length, 1);
  await table.put('count', bytes('0'));
  const increment = async (other: ChainTable) => {
    for (;;) {
      const old = must(await other.get('count'), 'it is there');
      const { applied } = await other.putIfEquals('count', old, bytes(String(Number(textOf(old)) + 1)));
      if (applied) return;
    }
  };
  await Promise.all(
    others.map(async (other) => {
      for (let n = 0; n < 10; n += 1) await increment(other);
    }),
  );
  t.equal(textOf(await table.get('count')), '30', 'no increment is lost');

  const client = startClient(zookeeper);
  t.teardown(() => client.stop());
  client.write('put --if-absent cas x\ndel cas\ndel cas\nhas cas\n');
  await client.waitForLine(/^no$/, deadlineMs);
  const operation = /^operation \d+:\d+/;
  t.same(
    client.stdoutLines.map((line) => line.replace(operation, 'operation')),
    ['operation, without effect', 'operation', 'operation, without effect', 'no'],
  );
  for (const key of ['lock', 'count']) await table.del(key);
});

t.test('a paused chain: TIMEOUT at the deadline, and whether the operation may have happened', async (t) => {
  const table = await connectTable(t, { deadlineMs: 500 });
  await table.put('a', bytes('1'));
  const client = startClient(zookeeper, '--timeout', '1');
  t.teardown(() => client.stop());
  client.write('put a 2\n');
  await client.waitForLine(/^operation \d+:\d+$/, deadlineMs);

  for (const { program } of servers) await pauseProcess(program.pid);
  const begun = performance.now();
  client.write('put a 3\nquit\n');
  const [put, get] = await Promise.allSettled([table.put('a', bytes('4')), table.get('a')]);
  t.match(put, { reason: { code: 'TIMEOUT', mayHaveHappened: true } });
  t.match(get, { reason: { code: 'TIMEOUT', mayHaveHappened: false } });
  t.ok(performance.now() - begun < 3_000, 'sooner than the time-out of an attempt, 5,000 ms');
  await client.waitForLine(
    /^error: no answer within 1000 ms: .*\(it may have happened all the same\)$/,
    deadlineMs,
    'stderr',
  );
  for (const { program } of servers) program.kill('SIGCONT');
  t.same(await client.exited, { code: 1, signal: null });
  const patient = await connectTable(t);
  await patient.put('a', bytes('5'));
  t.equal(textOf(await patient.get('a')), '5', 'the late writes were executed before it');
});

t.test(
  'a paused head is replaced by the next server, and its unanswered writes are executed once',
  async (t) => {
    const table = await connectTable(t);
    const names = [await table.put('a', bytes('0'))];
    const [head] = await chainOf(5);
    await pauseProcess(must(head, 'a head').program.pid);
    const writes = Array.from({ length: 100 }, (_, i) => table.put(`k${i}`, bytes(String(i))));
    names.push(...(await Promise.all(writes)));
    head?.program.kill('SIGCONT');
    checkNames(t, names);
    t.ok(
      names.every(({ number }, i) => i === 0 || number > must(names[i - 1], 'there is one before').number),
      'in the order in which the calls were made',
    );
  },
);

t.test('a planned stop of the head fails no call', async (t) => {
  const [head] = await chainOf(5);
  const table = await connectTable(t);
  const names: OperationName[] = [];
  let isOver = false;
  const writer = async (id: number) => {
    for (let i = 0; !isOver; i += 1) {
      names.push(await table.put(`w${id}`, bytes(String(i))));
      await table.get(`w${id}`);
    }
  };
  const writing = Promise.all([writer(0), writer(1)]);
  await eventually(() => names.length > 100, { deadlineMs });
  head?.program.kill('SIGTERM');
  t.same(await head?.program.exited, { code: 0, signal: null });
  isOver = true;
  await writing;
  checkNames(t, names);
});

t.test(
  'head, middle and tail are killed under load: no call fails, each write is executed once',
  async (t) => {
    const [head, middle, , tail] = await chainOf(4);
    const table = await connectTable(t);
    const victims = [head, middle, tail].map((server) => must(server, 'there are four').program);
    const names: OperationName[] = [];
    const writer = async (id: number) => {
      for (let i = 0; i < 100; i += 1) {
        names.push(await table.put(`w${id}`, bytes(String(i))));
        if (names.length % 400 === 0) victims[names.length / 400 - 1]?.kill('SIGKILL');
        // A read that begins after a write was answered sees it: no other writer has this key.
        if (textOf(await table.get(`w${id}`)) !== String(i)) t.fail(`w${id} is not ${i}`);
      }
    };
    await Promise.all(Array.from({ length: 16 }, (_, id) => writer(id)));
    for (const victim of victims)
      t.match(await victim.exited, { signal: 'SIGKILL' }, 'the fault really happened');
    checkNames(t, names);
  },
);

/** Opens `count` sessions over one connection from `localAddress`. */
async function openSessions(server: string, localAddress: string, count: number): Promise<Message[]> {
  const socket = connect({ ...parseAddress(server), localAddress, noDelay: true });
  const decoder = new FrameDecoder();
  const replies: Message[] = [];
  const open = encodeMessage({ opcode: Opcode.OP_OPEN, c_type: ContentType.CT_NONE });
  socket.write(Buffer.concat(Array.from({ length: count }, () => open)));
  while (replies.length < count) {
    const [chunk] = await once(socket, 'data');
    for (const payload of decoder.push(chunk)) replies.push(decodeMessage(payload));
  }
  socket.destroy();
  return replies;
}
