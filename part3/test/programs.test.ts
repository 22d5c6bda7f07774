import { fileURLToPath } from 'node:url';
import { AsyncRemoteTable } from '@tablelab/part3';
import { ChildProgram, cases, spawnProgram } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { bytes } from './support/start-server.ts';

const program = (name: string) => fileURLToPath(new URL(`../src/programs/${name}.ts`, import.meta.url));

t.test(
  'the program: SIGTERM executes all numbered writes, then it exits with 0 (part3/README.md#server-sigterm)',
  async (t) => {
    const server = spawnProgram(program('table-server'), [
      '0',
      '4',
      '--log-level',
      'info',
      '--metrics-port',
      '0',
    ]);
    t.teardown(() => server.stop());
    const [, address = ''] = await server.waitForLine(/^listening on (\S+)$/, 10_000);
    const client = await AsyncRemoteTable.connect(address);
    // All in one write: when the first one is answered, the others are under way or in the queue.
    const puts = Array.from({ length: 1_000 }, (_, n) => client.put(`k${n}`, Buffer.alloc(1_000)));
    await puts[0];
    server.kill('SIGTERM');
    const outcomes = await Promise.allSettled(puts);
    const numbered = outcomes.filter(({ status }) => status === 'fulfilled').length;
    t.same(await server.exited, { code: 0, signal: null });
    const entries = server.stderrLines.map((line) => JSON.parse(line));
    t.match(entries[0], { msg: 'listening', address, metrics: /^127.0.0.1:\d+$/ });
    t.match(entries.at(-1), { msg: 'closed' });
    t.ok(
      numbered >= 1 && entries.at(-1).executed >= numbered,
      `${entries.at(-1).executed} executed of ${numbered} answered`,
    );
    await client.disconnect();
  },
);

/** The server program with an executor that can be killed. */

async function startDyingServer(t: Test): Promise<{ server: ChildProgram; address: string }> {
  const program = fileURLToPath(new URL('./sandboxed/dying-server.ts', import.meta.url));
  const server = spawnProgram(program, ['0', '4']);
  t.teardown(() => server.stop());
  const [, address = ''] = await server.waitForLine(/^listening on (\S+)$/, 10_000);
  return { server, address };
}

t.test(
  'the program: when its executor dies, it reports that in one line and exits with 1 (part3/README.md#threads-death)',
  async (t) => {
    const { server, address } = await startDyingServer(t);
    const clients = await Promise.all([1, 2].map(() => AsyncRemoteTable.connect(address)));
    await clients[0]?.put('die:exit', bytes('1'));
    const end = performance.now() + 20_000;
    for (const client of clients) {
      // Either an answer or the end of the connection: no client waits forever.
      await t.rejects(
        (async () => {
          while (performance.now() < end) await client.put('a', bytes('1'));
        })(),
        { code: /^(INTERNAL|SHUTTING_DOWN|UNREACHABLE)$/ },
      );
    }
    t.same(await server.exited, { code: 1, signal: null });
    t.match(server.stderrLines, [
      /^table-server: the executor thread has died: it ended itself with code 3$/,
    ]);
    t.equal(server.stderrLines.length, 1);
  },
);

t.test(
  'the program: if its executor dies during a stop, the exit code is 1 (part3/README.md#threads-death)',
  async (t) => {
    const { server, address } = await startDyingServer(t);
    const client = await AsyncRemoteTable.connect(address);
    await client.put('die:closing', bytes('1'));
    server.kill('SIGTERM');
    t.same(await server.exited, { code: 1, signal: null });
    t.match(server.stderrLines, [/^table-server: the executor thread has died: .*a bug in the table$/]);
    t.equal(server.stderrLines.length, 1);
    await client.disconnect();
  },
);

t.test('the program: clear errors, a clean end (part3/README.md#server-arguments)', async (t) => {
  const start = (...args: string[]) => spawnProgram(program('table-server'), args);
  const server = start('0', '4');
  t.teardown(() => server.stop());
  const [, address = ''] = await server.waitForLine(/^listening on (\S+)$/, 10_000);

  const second = start(address.split(':')[1] ?? '', '4');
  t.same(await second.exited, { code: 1, signal: null }, 'a port that is taken');
  t.match(second.stderrLines, [/^table-server: cannot listen on .*: another program listens there already$/]);
  const wrongs = [
    [],
    ['0'],
    ['0', '0'],
    ['x', '4'],
    ['70000', '4'],
    ['0', '4', '5'],
    ['0', '4', '--what'],
    ['0', '131073', '--memory-max', '1'],
    ['0', '4', '--memory-max', '0'],
    ['0', '4', '--metrics-port', 'x'],
    ['0', '4', '--log-level', 'loud'],
  ].map((args) => ({ args, wrong: start(...args) }));
  for (const { args, wrong } of cases(t, wrongs)) {
    t.same(await wrong.exited, { code: 2, signal: null }, `wrong arguments: ${JSON.stringify(args)}`);
    t.match(wrong.stderrLines.at(-1), /^table-server: /);
  }

  const client = await AsyncRemoteTable.connect(address);
  await client.put('a', bytes('1'));
  server.kill('SIGTERM');
  t.same(await server.exited, { code: 0, signal: null }, 'SIGTERM ends it, with a client connected');
  await client.disconnect();
});

t.test(
  'the program: a limit of address space makes the table smaller, or is told (part3/README.md#memory-default)',
  { skip: process.platform === 'linux' ? false : 'macOS knows no such limit' },
  async (t) => {
    const limited = (gibibytes: number, ...options: string[]) => {
      const script = `ulimit -v ${gibibytes * 1024 * 1024}; exec "$0" "$@"`;
      const args = ['-c', script, process.execPath, program('table-server'), '0', '4', ...options];
      const server = new ChildProgram('/bin/sh', args);
      t.teardown(() => server.stop());
      return server;
    };
    const server = limited(8);
    const [, address = ''] = await server.waitForLine(/^listening on (\S+)$/, 20_000);
    const client = await AsyncRemoteTable.connect(address);
    t.equal(await client.put('a', Uint8Array.of(1)), 0, 'it serves');
    await client.disconnect();
    const refused = limited(8, '--memory-max', '2048');
    t.same(await refused.exited, { code: 1, signal: null });
    t.match(refused.stderrLines, [
      /^table-server: a server with a table of 2048 MiB takes .* \(ulimit -v\)$/,
    ]);
    t.equal(refused.stderrLines.length, 1);
  },
);
