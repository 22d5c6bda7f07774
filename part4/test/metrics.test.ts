import { join } from 'node:path';
import { NetworkClient, parseAddress, requests, results } from '@tablelab/part2';
import { must } from '@tablelab/shared';
import { type ChildProgram, eventually, pauseProcess } from '@tablelab/shared/testing';
import { Registry } from 'prom-client';
import t from 'tap';
import { addChainMetrics } from '../src/adapters/node/chain-metrics.ts';
import { bytes, connectTable, spawnServer, startChain } from './support/chain-programs.ts';
import { CoreScript } from './support/core-script.ts';

// Only against a run that hangs: each wait has a deadline of its own.
t.setTimeout(55_000);

const deadlineMs = 20_000;

t.test('metrics and a log as JSON, of a head and a tail (part4/README.md#operate-metrics)', async (t) => {
  const { zookeeper } = await startChain(t, 0);
  const servers = [];
  for (let count = 0; count < 2; count += 1) {
    const options = [
      '--metrics-port',
      '0',
      '--log-level',
      'info',
      '--session-timeout',
      '2000',
      '--memory-max',
      '100',
    ];
    const server = spawnServer(zookeeper, ...options);
    t.teardown(() => server.stop());
    await server.waitForLine(/^listening on/, deadlineMs);
    servers.push(server);
  }
  const table = await connectTable(t, zookeeper);
  await table.put('key', bytes('value'));
  t.same(await table.get('key'), bytes('value'));
  const [head, tail] = await Promise.all(
    servers.map(async (server) => {
      const lines = () => server.stderrLines.map((line) => (JSON.parse(line) as { msg: string }).msg);
      const found = () => lines().flatMap((line) => /^metrics at (\S+)$/.exec(line)?.[1] ?? [])[0];
      const url = await eventually(found, { deadlineMs });
      t.ok(
        lines().some((line) => line.startsWith('view ')),
        'what happens to the chain is logged',
      );
      // The tail of a write that was answered has said so; the head hears of it a moment later at most.
      return eventually(
        async () => {
          const text = await (await fetch(url)).text();
          return /^tablelab_chain_updates_stable 2$/m.test(text) && text;
        },
        { deadlineMs, what: 'all updates to be stable' },
      );
    }),
  );
  const both = [
    /^tablelab_chain_servers 2$/m,
    /^tablelab_chain_view_version \d+$/m,
    /^tablelab_chain_lease_seconds (1\.\d+|0\.[5-9]\d*)$/m,
    /^tablelab_chain_unsettled_bytes 0$/m,
    /^tablelab_chain_client_sessions 1$/m,
    /^tablelab_chain_updates_received 2$/m,
    /^tablelab_chain_updates_executed 2$/m,
    /^tablelab_table_keys 1$/m,
    /^tablelab_queue_tasks 0$/m,
  ];
  for (const line of both) {
    t.match(head, line);
    t.match(tail, line);
  }
  t.match(head, /^tablelab_chain_role\{role="head"\} 1$/m);
  t.match(head, /^tablelab_chain_role\{role="tail"\} 0$/m);
  t.match(head, /^tablelab_requests_total\{opcode="OP_PUT"\} 1$/m);
  t.match(tail, /^tablelab_chain_role\{role="tail"\} 1$/m);
  t.match(tail, /^tablelab_requests_total\{opcode="OP_GET"\} 1$/m);
  t.match(head, /^tablelab_chain_ready 1$/m);
  t.match(head, /^tablelab_chain_lag_updates\{neighbour="successor"\} 0$/m);
  t.match(head, /^tablelab_chain_log_bytes [1-9]\d+$/m);
  t.match(head, /^tablelab_table_bytes_max 104857600$/m);
  t.match(head, /^process_resident_memory_bytes [1-9]\d{7,}$/m);
  t.match(head, /^process_start_time_seconds 1[7-9]\d{8}\.?\d*$/m);
  t.notMatch(`${head}${tail}`, / NaN| undefined/, 'no figure is missing');
});

t.test('a server that starts over with a copy shows the figures of its new table', async (t) => {
  const { chain, zookeeper } = await startChain(t, 2, '--metrics-port', '0');
  const programs = chain.map(({ program }) => program);
  const [head, tail] = [must(programs[0], 'the head'), must(programs[1], 'the tail')];
  const shows = async (server: ChildProgram, line: RegExp) => {
    const url = must(/metrics at (\S+)$/m.exec(server.stderrLines.join('\n'))?.[1], 'it said so first');
    const read = async () => line.test(await (await fetch(url)).text());
    await eventually(read, { deadlineMs, what: `metrics like ${line}` });
  };
  const table = await connectTable(t, zookeeper);
  await table.put('before', bytes('value'));
  await shows(tail, /^tablelab_table_keys 1$/m);
  await pauseProcess(tail.pid);
  await shows(head, /^tablelab_chain_servers 1$/m);
  // More than the log keeps (windowBytesMax), so that the tail cannot catch up from it.
  const values = 24;
  for (let n = 0; n < values; n += 1) await table.put(`key ${n}`, new Uint8Array(1 << 20));
  process.kill(tail.pid, 'SIGCONT');
  await tail.waitForLine(/beginning with an empty table/, deadlineMs, 'stderr');
  await shows(tail, new RegExp(`^tablelab_table_keys ${values + 1}$`, 'm'));
});

t.test('what a server has received, executed and knows to be stable are three figures', async (t) => {
  const head = new CoreScript(0);
  head.directory({ view: [0, 1] });
  head.on({ type: 'link-up', link: 'to-1' });
  const welcome = {
    type: 'welcome',
    received: 0,
    lastEpoch: undefined,
    whole: true,
    stable: 0,
    member: true,
  } as const;
  head.message('to-1', welcome);
  for (const key of ['a', 'b', 'c']) head.write({ key });
  head.executed(2);
  head.message('to-1', { type: 'ack', stable: 1 });
  const registry = new Registry();
  addChainMetrics(registry, head.core, () => 250);
  const text = await registry.metrics();
  t.match(text, /^tablelab_chain_updates_received 3$/m);
  t.match(text, /^tablelab_chain_updates_executed 2$/m);
  t.match(text, /^tablelab_chain_updates_stable 1$/m);
  t.match(text, /^tablelab_chain_lease_seconds 0.5$/m);
  t.match(text, /^tablelab_chain_lag_updates\{neighbour="predecessor"\} 1$/m);
  t.match(text, /^tablelab_chain_lag_updates\{neighbour="successor"\} 2$/m);
  t.match(text, /^tablelab_chain_lag_updates\{neighbour="joining"\} 0$/m);
  t.match(text, /^tablelab_chain_log_bytes [1-9]\d*$/m);
  t.match(text, /^tablelab_chain_ready 1$/m);
});

t.test('a wrong --log-level or --metrics-port is refused before anything is started', async (t) => {
  for (const wrong of [
    ['--log-level', 'loud'],
    ['--metrics-port', '65536'],
  ]) {
    const server = spawnServer('127.0.0.1:1', ...wrong);
    t.match(await server.exited, { code: 2 });
    t.ok(
      server.stderrLines.some((line) => line.includes(must(wrong[0], 'a pair'))),
      'it names the option',
    );
  }
});

t.test('refusals by code, and the files of a data directory (part4/README.md#operate-metrics)', async (t) => {
  const { zookeeper } = await startChain(t, 0);
  const folder = t.testdir();
  const start = async (name: string) => {
    const server = spawnServer(
      zookeeper,
      '--metrics-port',
      '0',
      '--session-timeout',
      '2000',
      '--verbose',
      '--data',
      join(folder, name),
    );
    t.teardown(() => server.stop());
    const [, address = ''] = await server.waitForLine(/^listening on (\S+)/, deadlineMs);
    const [, url = ''] = await server.waitForLine(/metrics at (\S+)$/, deadlineMs, 'stderr');
    return { address, read: async () => (await fetch(url)).text() };
  };
  const [head, tail] = [await start('head'), await start('tail')];
  const table = await connectTable(t, zookeeper);
  await table.put('key', new Uint8Array(10_000));
  const client = await NetworkClient.connect({
    ...parseAddress(head.address),
    connectTimeoutMs: deadlineMs,
    callTimeoutMs: deadlineMs,
  });
  t.teardown(() => client.close());
  t.notMatch(await head.read(), /code="NOT_TAIL"/);
  for (let count = 0; count < 3; count += 1)
    await t.rejects(client.call(requests.size()).then(results.size), { code: 'NOT_TAIL' });
  const text = await head.read();
  t.match(text, /^tablelab_refusals_total\{code="NOT_TAIL"\} 3$/m);
  t.notMatch(await tail.read(), /code="NOT_TAIL"/);
  t.match(text, /^tablelab_disk_file_bytes\{kind="log"\} 1\d{4}$/m);
  t.match(text, /^tablelab_disk_file_bytes\{kind="snapshot"\} 0$/m);
  t.match(text, /^tablelab_disk_sync_seconds_count [1-9]/m);
  t.match(text, /^tablelab_disk_free_bytes [1-9]/m);
});
