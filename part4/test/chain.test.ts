import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import {
  ContentType,
  decodeMessage,
  ErrorNumber,
  encodeMessage,
  FrameDecoder,
  Opcode,
  parseAddress,
} from '@tablelab/part2';
import { must } from '@tablelab/shared';
import { ChildProgram, freePort, pauseProcess } from '@tablelab/shared/testing';
import t from 'tap';
import { ChainServer } from '../src/adapters/chain-server.ts';
import { linkPreface } from '../src/adapters/links/chain-codec.ts';
import { ZooKeeperSession } from '../src/adapters/zookeeper/zookeeper-session.ts';
import { ChainTable } from '../src/client/chain-table.ts';
import { lostNumbersMax } from '../src/core/epoch-table.ts';
import { bytes, connectTable, spawnServer, startChain, startClient } from './support/chain-programs.ts';

// Only for a run that hangs: each wait has its own deadline. Each test starts real processes: on a loaded machine that
// takes half a minute.
t.setTimeout(55_000);

/** Sends raw bytes; resolves with the first bytes of the answer, or with none if the connection ends. */
async function sendRaw(address: string, input: Uint8Array): Promise<Buffer> {
  const socket = connect(parseAddress(address));
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      socket.once('data', resolve);
      socket.once('end', () => resolve(Buffer.alloc(0)));
      socket.once('error', reject);
      socket.setTimeout(10_000, () => reject(new Error('no answer within 10 s')));
      socket.write(input);
    });
  } finally {
    socket.destroy();
  }
}

t.test('1,000 keys survive SIGKILL of the middle server and then of the head', async (t) => {
  const { zookeeper, chain } = await startChain(t, 3);
  const [head, middle, tail] = chain;
  const client = startClient(zookeeper);
  t.teardown(() => client.stop());
  const keys = Array.from({ length: 1_000 }, (_, i) => `key:${i}`);
  for (const [i, key] of keys.entries()) client.write(`put ${key} value ${i}\n`);
  // Operation 0 has opened the client's session.
  for (const i of keys.keys()) await client.waitForLine(new RegExp(`^operation 0:${i + 1}$`), 30_000);
  client.write('size\n');
  await client.waitForLine(/^1000$/, 10_000);

  must(middle, 'three servers').program.kill('SIGKILL');
  t.match(await middle?.program.exited, { signal: 'SIGKILL' });
  client.write('put after:middle still here\n');
  await client.waitForLine(/^operation 0:1001$/, 30_000);

  must(head, 'three servers').program.kill('SIGKILL');
  t.match(await head?.program.exited, { signal: 'SIGKILL' });
  client.write('put after:head still here\n');
  // The tail, third to join, is the head now and numbers on.
  const name = `2:${1002 + 2 * lostNumbersMax}`;
  await client.waitForLine(new RegExp(`^operation ${name}$`), 30_000);

  for (const [i, key] of keys.entries()) {
    client.write(`get ${key}\n`);
    await client.waitForLine(new RegExp(`^value ${i}$`), 10_000);
  }
  for (const text of ['verify 0:5', 'verify 5', `verify ${name}`]) {
    client.write(`${text}\n`);
    await client.waitForLine(/^executed$/, 10_000);
  }
  client.write('size\n');
  await client.waitForLine(/^1002$/, 10_000);
  client.write('quit\n');
  t.same(await client.exited, { code: 0, signal: null }, 'no command failed');
  t.equal(tail?.program.running, true);
});

t.test('writes continue while a middle server dies, and no answered write is lost', async (t) => {
  const { zookeeper, chain } = await startChain(t, 3);
  const table = await connectTable(t, zookeeper);
  const answered: string[] = [];
  let killed = false;
  const writer = async (id: number) => {
    for (let i = 0; i < 200; i += 1) {
      const key = `w${id}:${i}`;
      await table.put(key, bytes(key));
      answered.push(key);
      if (answered.length >= 500 && !killed) {
        killed = true;
        chain[1]?.program.kill('SIGKILL');
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, id) => writer(id)));
  t.match(await chain[1]?.program.exited, { signal: 'SIGKILL' }, 'the fault really happened');
  t.equal(answered.length, 1_600);
  for (const key of answered) {
    const value = await table.get(key);
    if (value === undefined || Buffer.from(value).toString() !== key)
      t.fail(`${key} was answered and is lost`);
  }
  t.equal(await table.size(), 1_600);
});

t.test('values are arbitrary bytes on every server: every byte value, empty, 1 MiB', async (t) => {
  const { zookeeper, chain } = await startChain(t, 2);
  const table = await connectTable(t, zookeeper);
  const values = {
    all: Uint8Array.from({ length: 256 }, (_, i) => i),
    empty: new Uint8Array(0),
    large: Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 31) & 255),
    'as large as a frame takes': new Uint8Array((16 << 20) - 200).fill(0xab),
  };
  for (const [key, value] of Object.entries(values)) await table.put(key, value);
  const check = async (what: string) => {
    for (const [key, value] of Object.entries(values)) {
      t.ok(
        Buffer.from((await table.get(key)) ?? bytes('absent')).equals(value),
        `${key} comes back from ${what}`,
      );
    }
    t.equal(await table.get('absent'), undefined);
  };
  await check('the tail');
  chain[1]?.program.kill('SIGKILL');
  await chain[1]?.program.exited;
  await check('the head, once it is alone');
  await table.del('all');
  t.same((await table.getKeys()).sort(), ['as large as a frame takes', 'empty', 'large']);
  await t.rejects(table.put('larger', new Uint8Array(16 << 20)), { code: 'TOO_LARGE' });
});

t.test('malformed input causes an error for its sender, and the chain continues', async (t) => {
  const { zookeeper, chain } = await startChain(t, 2);
  const table = await connectTable(t, zookeeper);
  const inputs = {
    garbage: bytes(`GET /${'x'.repeat(100)} HTTP/1.1\r\n\r\n`),
    'a frame that announces 4 GiB': Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x10, 1, 2, 3),
    'an unknown opcode': encodeMessage({ opcode: 77, c_type: ContentType.CT_NONE }),
    'a key with NUL': encodeMessage({ opcode: Opcode.OP_PUT, c_type: ContentType.CT_ENTRY, key: 'a\0b' }),
    'a client’s name that is none': encodeMessage({
      opcode: Opcode.OP_PUT,
      c_type: ContentType.CT_ENTRY,
      client: 'x'.repeat(1_000),
    }),
    'a read without its key type': encodeMessage({ opcode: Opcode.OP_GET, c_type: ContentType.CT_NONE }),
  };
  let writes = 0;
  for (const { address } of chain) {
    for (const [what, input] of Object.entries(inputs)) {
      t.equal((await sendRaw(address, input))[2], Opcode.OP_ERROR, `${what} gets an error`);
      await table.put('next', bytes(what));
      writes += 1;
      t.same(Buffer.from((await table.get('next')) ?? []).toString(), what, 'and the next client is served');
    }
    const garbageOnLink = Buffer.concat([
      Buffer.of(linkPreface.length),
      linkPreface,
      Buffer.of(3, 255, 255, 255),
    ]);
    t.equal((await sendRaw(address, garbageOnLink)).length, 0, 'a link with garbage on it is closed');
  }
  t.equal(await table.verify({ number: writes, epoch: 0 }), true, 'the chain is whole');
});

t.test('the wrong server names the right one in a field (part4/README.md#chain-znodes)', async (t) => {
  const { chain } = await startChain(t, 2);
  const [head, tail] = chain.map(({ address }) => address);
  const refusal = async (address = '', request: Parameters<typeof encodeMessage>[0]) => {
    const [payload] = new FrameDecoder().push(await sendRaw(address, encodeMessage(request)));
    return decodeMessage(must(payload, 'an answer'));
  };
  const put = { opcode: Opcode.OP_PUT, c_type: ContentType.CT_ENTRY, key: 'a' };
  const size = { opcode: Opcode.OP_SIZE, c_type: ContentType.CT_NONE };
  t.match(await refusal(tail, put), {
    error: ErrorNumber.NOT_HEAD,
    detail: `writes go to the head, ${head}`,
    server: head,
  });
  t.match(await refusal(head, size), {
    error: ErrorNumber.NOT_TAIL,
    detail: `reads go to the tail, ${tail}`,
    server: tail,
  });
  t.match(await refusal(head, { ...put, c_type: 0 }), { error: ErrorNumber.BAD_REQUEST, server: '' });
});

t.test(
  'a scan goes on at another tail, and a long list of keys arrives whole (part4/README.md#chain-scan)',
  async (t) => {
    const { zookeeper, chain } = await startChain(t, 2);
    const table = await connectTable(t, zookeeper);
    const keys = Array.from({ length: 6_000 }, (_, i) => `key:${i}`);
    await Promise.all(keys.map((key) => table.put(key, bytes('v'))));
    await table.put('other', bytes('v'));
    t.same((await table.getKeys()).toSorted(), [...keys, 'other'].toSorted());
    const met: string[] = [];
    for await (const key of table.scan('key:')) {
      met.push(key);
      if (met.length === 500) await chain[1]?.program.stop();
    }
    t.same(met.toSorted(), keys.toSorted(), 'each once, although the tail has gone in the middle');
    const client = startClient(zookeeper, 'scan', 'key:59');
    t.same(await client.exited, { code: 0, signal: null });
    t.same(client.stdoutLines, keys.filter((key) => key.startsWith('key:59')).toSorted());
  },
);

t.test(
  'silent connections under a low limit of open files keep no neighbour out (part4/README.md#chain-files)',
  async (t) => {
    const { zookeeper, chain } = await startChain(t, 2);
    const file = fileURLToPath(new URL('../src/programs/table-server.ts', import.meta.url));
    const limited = new ChildProgram('/bin/sh', [
      '-c',
      'ulimit -n 64 && exec "$0" "$1" 0 4 "$2"',
      process.execPath,
      file,
      zookeeper,
    ]);
    t.teardown(() => limited.stop());
    await limited.waitForLine(/few open files \(ulimit -n\)/, 20_000, 'stderr');
    const [, address = ''] = await limited.waitForLine(/^listening on (\S+)/, 20_000);
    const table = await connectTable(t, zookeeper);
    await table.put('a', bytes('1'));
    const silent = Array.from({ length: 120 }, () =>
      connect(parseAddress(address)).on('error', () => undefined),
    );
    t.teardown(() => {
      for (const socket of silent) socket.destroy();
    });
    // The head has to dial the limited server anew, which is full of silent connections.
    chain[1]?.program.kill('SIGKILL');
    await table.put('a', bytes('2'));
    t.equal(Buffer.from((await table.get('a')) ?? []).toString(), '2');
    t.ok(limited.running);
  },
);

t.test('a planned stop loses nothing: SIGTERM exits 0 and the chain closes up', async (t) => {
  const { zookeeper, chain } = await startChain(t, 3);
  const table = await connectTable(t, zookeeper);
  for (let i = 0; i < 100; i += 1) await table.put(`k${i}`, bytes(`${i}`));
  for (const server of [chain[0], chain[2]]) {
    server?.program.kill('SIGTERM');
    t.same(await server?.program.exited, { code: 0, signal: null });
  }
  t.equal(await table.size(), 100);
  t.same(
    await table.put('more', bytes('1')),
    { epoch: 1, number: 101 + lostNumbersMax },
    'the middle server is the whole chain now',
  );
});

t.test(
  'the last server with the data reports that when it is stopped, with exit code 1 (part4/README.md#member-leave)',
  async (t) => {
    const { zookeeper, chain } = await startChain(t, 2);
    const [head, tail] = [must(chain[0], 'a head'), must(chain[1], 'a tail')];
    const table = await connectTable(t, zookeeper);
    await table.put('key', bytes('value'));
    head.program.kill('SIGTERM');
    t.same(await head.program.exited, { code: 0, signal: null });
    await tail.program.waitForLine(
      /only copy of the chain’s data now \(40 bytes\): start another server/,
      20_000,
      'stderr',
    );
    tail.program.kill('SIGTERM');
    t.same(await tail.program.exited, { code: 1, signal: null });
    t.match(
      tail.program.stderrLines.join('\n'),
      /the last server that held the data of chain [0-9a-f]{16}: 40 bytes are lost with it\. To keep the data, start another server/,
    );
  },
);

t.test('a planned stop takes at most ten seconds, even if ZooKeeper and a client hang', async (t) => {
  const { zookeeper, zookeeperServer, chain } = await startChain(t, 1);
  const { address, program } = must(chain[0], 'a server');
  await connectTable(t, zookeeper);
  // Never reads what it is sent, nor closes.
  const client = connect(parseAddress(address)).pause();
  client.on('error', () => undefined);
  t.teardown(() => client.destroy());
  client.write(encodeMessage({ opcode: Opcode.OP_SIZE, c_type: ContentType.CT_NONE }));
  await pauseProcess(zookeeperServer.pid);
  const start = performance.now();
  program.kill('SIGTERM');
  t.same(await program.exited, { code: 1, signal: null });
  const elapsedMs = Math.round(performance.now() - start);
  zookeeperServer.kill('SIGCONT');
  t.ok(elapsedMs < 9_500, `${elapsedMs} ms`);
  t.match(
    program.stderrLines.join('\n'),
    /could not leave the chain within 5000 ms: ZooKeeper does not answer/,
  );
});

t.test('SIGTERM ends a server that is still joining, or connecting to ZooKeeper', async (t) => {
  const { zookeeper, chain } = await startChain(t, 1, '--session-timeout', '30000');
  // A paused tail admits no server, and stays in the chain until its session ends.
  await pauseProcess(must(chain[0], 'one server').program.pid);
  const joining = spawnServer(zookeeper, '--verbose');
  t.teardown(() => joining.stop());
  await joining.waitForLine(/view \d+: 0=\S+; .* joining: 1/, 20_000, 'stderr');
  joining.kill('SIGTERM');
  t.same(await joining.exited, { code: 0, signal: null });
  t.same(joining.stdoutLines, [], 'it never said that it serves');
  chain[0]?.program.kill('SIGCONT');

  const stop = new AbortController();
  const port = await freePort();
  const options = { servers: `127.0.0.1:${port}`, sessionTimeoutMs: 1_000, connectDeadlineMs: 60_000 };
  const opening = ZooKeeperSession.open({ ...options, stop: stop.signal });
  stop.abort();
  await t.rejects(opening, { code: 'UNREACHABLE', message: /called off/ });
  const late = ZooKeeperSession.open({ ...options, stop: stop.signal });
  await t.rejects(late, { code: 'UNREACHABLE', message: /called off/ }, 'also when it was called off before');
});

t.test('the client: verify of an absent and of a lost write, and wrong commands', async (t) => {
  const { zookeeper } = await startChain(t, 1);
  const client = startClient(zookeeper);
  t.teardown(() => client.stop());
  client.write('put a 1\nverify 7\nverify 5:0\nverify x\nfrobnicate\nput a\nget a\nquit\n');
  await client.waitForLine(/^operation 0:1$/, 15_000);
  await client.waitForLine(/^not executed yet$/, 10_000);
  await client.waitForLine(/5:0 will never be executed/, 10_000, 'stderr');
  await client.waitForLine(/a write is named epoch:number/, 10_000, 'stderr');
  await client.waitForLine(/no command "frobnicate"/, 10_000, 'stderr');
  await client.waitForLine(/usage: put <key> <data>/, 10_000, 'stderr');
  await client.waitForLine(/^1$/, 10_000);
  t.same(await client.exited, { code: 1, signal: null }, 'commands failed, so the client says so');
});

t.test('an address that cannot be dialled is refused before it can do harm', async (t) => {
  const { zookeeper } = await startChain(t, 1);
  const table = await connectTable(t, zookeeper);
  for (const [args, message] of [
    [['--advertise', 'a]b'], /not an address/],
    [['--host', '0.0.0.0'], /clients cannot connect to 0\.0\.0\.0/],
  ] as const) {
    const server = spawnServer(zookeeper, ...args);
    t.same(await server.exited, { code: 1, signal: null });
    t.match(server.stderrLines, [message]);
  }
  t.equal(await table.size(), 0, 'the chain goes on');
});

t.test('a server warns if ZooKeeper grants a longer session than requested', async (t) => {
  const { zookeeper } = await startChain(t, 0);
  const warnings: string[] = [];
  const server = await ChainServer.start({
    host: '127.0.0.1',
    port: 0,
    nLists: 1,
    zookeeper,
    sessionTimeoutMs: 200,
    log: (line, level) => level === 'warn' && warnings.push(line),
  });
  await server.close();
  t.match(
    warnings.find((line) => line.includes('ticks')),
    /no session time-out below 400 ms.*--session-timeout 800/,
  );
});

t.test('a client whose server is paused gives up at its deadline', async (t) => {
  const { zookeeper, chain } = await startChain(t, 1);
  const table = await ChainTable.connect({ zookeeper, deadlineMs: 500 });
  t.teardown(() => table.disconnect());
  await table.put('a', bytes('1'));
  await pauseProcess(must(chain[0], 'one server').program.pid);
  const begun = performance.now();
  await t.rejects(table.put('a', bytes('2')), { code: 'TIMEOUT', mayHaveHappened: true });
  t.ok(performance.now() - begun < 2_000, 'not at that of a single attempt');
  chain[0]?.program.kill('SIGCONT');
});

t.test('without ZooKeeper the client ends with one line', async (t) => {
  const nowhere = '127.0.0.1:1';
  const client = startClient(nowhere, '--timeout', '1', 'size');
  t.same(await client.exited, { code: 1, signal: null });
  t.match(client.stderrLines, [/^table-client: .*127\.0\.0\.1:1/]);
  t.same(client.stdoutLines, []);
});
