import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { listsAtStartMax } from '@tablelab/part1';
import { ContentType, ErrorNumber, encodeMessage, Opcode, parseAddress } from '@tablelab/part2';
import { deadlineMs, getRequest, putRequest, RawClient, sizeRequest } from '@tablelab/part2/testing';
import { ChildProgram, eventually, freePort, spawnProgram, withDeadline } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const serverFile = path('../src/programs/table-server.ts');
const clientFile = path('../src/programs/table-client.ts');

/** A shell reports a missing locale on standard error. */
const plainLocale = { LC_ALL: 'C' };

// Programs start slowly if many run at once.
const startDeadlineMs = 20_000;
t.setTimeout(55_000);

/** A client that waits for each of its answers in vain must not take the time of the whole test. */
const clientDeadlineMs = 20_000;

async function startServer(t: Test, port = 0) {
  const program = spawnProgram(serverFile, [String(port), '10']);
  t.teardown(() => program.stop());
  const [, address = ''] = await program.waitForLine(/^listening on (.+)$/, startDeadlineMs);
  return { program, address };
}

/** Whether no program listens on `port`. */
async function refused(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.once('connect', () => resolve(false)).once('error', () => resolve(true));
  return promise.finally(() => socket.destroy());
}

async function runClient(t: Test, args: string[], input = '') {
  const program = spawnProgram(clientFile, args);
  t.teardown(() => program.stop());
  program.write(input);
  program.endInput();
  const { code } = await withDeadline(
    program.exited,
    clientDeadlineMs,
    `table-client ${args.join(' ')} to end`,
  );
  return { code, stdout: [...program.stdoutLines], stderr: [...program.stderrLines] };
}

t.test('the programs run a typical session (part2/README.md#client-commands)', async (t) => {
  const { program, address } = await startServer(t);
  t.match(address, /^127\.0\.0\.1:\d+$/);
  const script = 'put cart:1 two words\nget cart:1\nsize\ngetkeys\ndel cart:1\nget cart:1\nquit\n';
  const { code, stdout, stderr } = await runClient(t, [address], script);
  t.same(stdout, ['ok', 'two words', '1', 'cart:1', 'ok', 'key not found']);
  t.same([code, stderr], [0, []]);
  program.kill('SIGTERM');
  t.same(await program.exited, { code: 0, signal: null }, 'SIGTERM ends the server with 0');
});

t.test('the program serves one client at a time (part2/README.md#server-one-client)', async (t) => {
  const { address } = await startServer(t);
  const connectRaw = () => {
    const client = new RawClient(parseAddress(address));
    t.teardown(() => client.socket.destroy());
    return client;
  };
  const size = encodeMessage(sizeRequest);
  const first = connectRaw();
  first.send(size);
  await first.reply();
  const second = connectRaw();
  second.send(size);
  await second.connected;
  for (let round = 0; round < 200; round += 1) {
    first.send(size);
    await first.reply();
  }
  t.same(second.allReplies(), [], 'the second waits while 200 requests of the first are answered');
  first.socket.end();
  t.match(await second.reply(), { opcode: Opcode.OP_SIZE + 1 }, 'and is served when the first has left');
});

t.test('quit ends the client although its input stays open (part2/README.md#client-commands)', async (t) => {
  const { address } = await startServer(t);
  const client = spawnProgram(clientFile, [address]);
  t.teardown(() => client.stop());
  client.write('size\nquit\n');
  t.same(await client.exited, { code: 0, signal: null });
});

t.test(
  'SIGTERM and Ctrl-C: the due replies are sent, and the port is free (part2/README.md#server-sigterm)',
  async (t) => {
    const port = await freePort();
    const big = new Uint8Array(15 << 20).fill(1);
    const requests = 8;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { program, address } = await startServer(t, port);
      const client = new RawClient(parseAddress(address));
      t.teardown(() => client.socket.destroy());
      const put = { opcode: Opcode.OP_PUT, c_type: ContentType.CT_ENTRY, key: 'big', data: big };
      client.send(encodeMessage(put));
      t.match(await client.reply(), { opcode: Opcode.OP_PUT + 1 });
      // More replies than the system buffers for a client that does not read: some are unsent when the signal comes.
      const get = encodeMessage(getRequest('big'));
      client.send(Buffer.concat(Array.from({ length: requests }, () => get)));
      t.match(await client.reply(), { opcode: Opcode.OP_GET + 1 });
      client.socket.pause();
      program.kill(signal);
      await eventually(() => refused(port), { deadlineMs, what: 'the server to take no more connections' });
      client.socket.resume();
      await client.end();
      const replies = client.allReplies();
      t.match(
        replies.pop(),
        { opcode: Opcode.OP_ERROR, error: ErrorNumber.SHUTTING_DOWN },
        'the final error reply',
      );
      t.ok(
        replies.every(({ opcode, data }) => opcode === Opcode.OP_GET + 1 && data.length === big.length),
        'the replies in hand are whole',
      );
      t.ok(replies.length < requests - 1, `${replies.length} requests were answered, the others not begun`);
      t.same(await program.exited, { code: 0, signal: null }, `${signal}: exit code 0`);
    }
  },
);

t.test('a killed server can be restarted on its port at once (part2/README.md#server-restart)', async (t) => {
  const first = await startServer(t);
  const { port } = parseAddress(first.address);
  const client = new RawClient(parseAddress(first.address));
  t.teardown(() => client.socket.destroy());
  client.send(encodeMessage(putRequest('k', Uint8Array.of(1))));
  t.match(await client.reply(), { opcode: Opcode.OP_PUT + 1 });
  first.program.kill('SIGKILL');
  await first.program.exited;
  const second = await startServer(t, port);
  const next = new RawClient(parseAddress(second.address));
  t.teardown(() => next.socket.destroy());
  next.send(encodeMessage(sizeRequest));
  t.match(await next.reply(), { result: 0 }, 'with an empty table');
});

t.test('an error at the start is one line (part2/README.md#server-arguments)', async (t) => {
  const { address } = await startServer(t);
  const { port } = parseAddress(address);
  const cases: [string[], number, RegExp][] = [
    [[], 2, /^table-server: port is missing$/],
    [['0'], 2, /^table-server: n_lists is missing$/],
    [['65536', '1'], 2, /^table-server: port is a whole number from 0 to 65535, not "65536"$/],
    [['0', '0'], 2, /^table-server: n_lists is a whole number from 1/],
    [
      ['0', String(listsAtStartMax + 1)],
      2,
      new RegExp(`^table-server: n_lists .* from 1 to ${listsAtStartMax},`),
    ],
    [[String(port), '1'], 1, /^table-server: cannot listen on .*: another program listens there already$/],
    [['0', '1', '--host', '8.8.8.8'], 1, /^table-server: .* this machine does not have that address$/],
  ];
  const outcomes = await Promise.all(
    cases.map(async ([args]) => {
      const program = spawnProgram(serverFile, args);
      t.teardown(() => program.stop());
      return { exit: await program.exited, lines: program.stderrLines };
    }),
  );
  for (const [i, [args, code, line]] of cases.entries()) {
    t.match(outcomes[i]?.exit, { code }, args.join(' '));
    // After the usage, where it stays visible.
    t.match(outcomes[i]?.lines.at(-1), line);
    if (code === 1) t.equal(outcomes[i]?.lines.length, 1, 'one line, no stack');
  }
  const client = new RawClient(parseAddress(address));
  t.teardown(() => client.socket.destroy());
  client.send(encodeMessage(sizeRequest));
  t.match(await client.reply(), { result: 0 }, 'the server that has the port goes on');
});

t.test('--help prints the usage (part2/README.md#server-arguments)', async (t) => {
  for (const [file, usage] of [
    [serverFile, /^usage: table-server .*<port> <n_lists>$/],
    [clientFile, /^usage: table-client .*<host>:<port> \[command\]$/],
  ] as const) {
    const program = spawnProgram(file, ['--help']);
    t.teardown(() => program.stop());
    t.match(await program.exited, { code: 0 });
    t.match(program.stdoutLines[0], usage);
    t.same(program.stderrLines, []);
  }
});

t.test(
  'output that does not fit on the disk is a failure; a reader that has gone is not (part2/README.md#client-exit)',
  { skip: existsSync('/dev/full') ? false : 'no /dev/full here' },
  async (t) => {
    const { address } = await startServer(t);
    t.match(await runClient(t, [address, 'put', 'k', 'v'.repeat(10_000)]), { code: 0 });
    const shell = async (line: string) => {
      const args = ['-c', line, process.execPath, clientFile, address];
      const program = new ChildProgram('/bin/bash', args, { env: plainLocale });
      t.teardown(() => program.stop());
      program.write('put a 1\nput b 2\n');
      program.endInput();
      const { code } = await program.exited;
      return { code, stdout: [...program.stdoutLines], stderr: [...program.stderrLines] };
    };
    const full = { code: 1, stderr: [/^table-client: cannot write the output: ENOSPC/] };
    for (const command of ['', 'get k', 'get k --raw', '--json size', 'help', '--help']) {
      t.match(await shell(`"$0" "$1" "$2" ${command} >/dev/full`), full, `'${command}'`);
    }
    t.match(await runClient(t, [address, 'get', 'b']), { stdout: ['key not found'] }, 'only one put was run');
    const gone = '"$0" "$1" "$2" | true; echo $PIPESTATUS';
    t.same(await shell(gone), { code: 0, stdout: ['0'], stderr: [] }, 'quietly');
  },
);

t.test('SIGHUP and SIGQUIT shut a server down cleanly (part2/README.md#server-sigterm)', async (t) => {
  for (const signal of ['SIGHUP', 'SIGQUIT'] as const) {
    const { program } = await startServer(t);
    program.kill(signal);
    t.same(await program.exited, { code: 0, signal: null }, signal);
  }
});

t.test('a server without file descriptors left survives (part2/README.md#server-survives)', async (t) => {
  const program = new ChildProgram('/bin/sh', [
    '-c',
    'ulimit -n 40 && exec "$0" "$1" 0 10',
    process.execPath,
    serverFile,
  ]);
  t.teardown(() => program.stop());
  const [, address = ''] = await program.waitForLine(/^listening on (.+)$/, startDeadlineMs);
  const { host, port } = parseAddress(address);
  const sockets = Array.from({ length: 60 }, () => connect({ host, port }).on('error', () => undefined));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  await eventually(() => sockets.every(({ connecting }) => !connecting), { deadlineMs });
  for (const socket of sockets) socket.destroy();
  const served = async () => {
    const client = new RawClient({ host, port });
    client.send(encodeMessage(sizeRequest));
    const reply = await client.reply().finally(() => client.socket.destroy());
    return reply.opcode === Opcode.OP_SIZE + 1;
  };
  t.ok(await eventually(served, { deadlineMs: 2 * deadlineMs }), 'the next client is served');
  t.ok(program.running);
});

t.test('the memory of disconnected clients is reused (part2/README.md#server-survives)', async (t) => {
  const { program, address } = await startServer(t);
  const residentMiB = async () => {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(program.pid)]);
    return Number(stdout) / 1024;
  };
  const served = async (send: (client: RawClient) => Promise<unknown>) => {
    const client = new RawClient(parseAddress(address));
    await client.connected;
    await send(client).finally(() => client.socket.destroy());
  };
  const size = async (client: RawClient) => {
    client.send(encodeMessage(sizeRequest));
    t.match(await client.reply(), { result: 0 });
  };
  const put = {
    opcode: Opcode.OP_PUT,
    c_type: ContentType.CT_ENTRY,
    key: 'k',
    data: new Uint8Array(4 * 2 ** 20),
  };
  const unfinished = encodeMessage(put).subarray(0, -1);
  await served(size);
  const startMiB = await residentMiB();
  for (let client = 0; client < 100; client += 1) {
    await served(({ socket }) => new Promise((resolve) => socket.write(unfinished, resolve)));
  }
  await served(size);
  const grownMiB = (await residentMiB()) - startMiB;
  t.ok(grownMiB < 128, `${grownMiB.toFixed(0)} MiB more after a hundred clients of 4 MiB each`);
});

t.test('the rules that tests name and those of the README are the same', async (t) => {
  const readme = await readFile(path('../README.md'), 'utf8');
  const anchors = [...readme.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id ?? '');
  t.equal(new Set(anchors).size, anchors.length, 'no anchor stands twice');
  const named = new Set<string>();
  for (const file of await readdir(path('.'))) {
    if (!file.endsWith('.test.ts')) continue;
    const text = await readFile(path(file), 'utf8');
    for (const [, id] of text.matchAll(/part2\/README\.md#([\w-]+)/g)) named.add(id ?? '');
  }
  t.same(
    [...named].filter((id) => !anchors.includes(id)),
    [],
    'every rule a test names stands there',
  );
  t.same(
    anchors.filter((id) => !named.has(id)),
    [],
    'every rule that stands there is named by a test',
  );
  for (const [, link] of readme.matchAll(/\]\((\.\.[^)#]+)\)/g)) {
    t.ok((await stat(path(`../${link}`))).isFile(), `${link} exists`);
  }
});

t.test('the commands in the README print the stated output', async (t) => {
  const readme = await readFile(path('../README.md'), 'utf8');
  const [, session = ''] = readme.split('In another:');
  const [, block = ''] = /```console\n([\s\S]*?)```/.exec(session) ?? [];
  const steps = block
    .split(/^\$ /m)
    .slice(1)
    .map((step) => step.match(/^(.*)\n([\s\S]*)$/)?.slice(1) ?? []);
  t.ok(steps.length >= 8, 'there are commands');
  const { address } = await startServer(t);
  const { port } = parseAddress(address);
  const folder = await mkdtemp(join(tmpdir(), 'tablelab-readme-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const here = (text: string) =>
    text.replaceAll('4242', String(port)).replaceAll('/tmp/value', `${folder}/value`);
  for (const [command = '', output = ''] of steps) {
    const shell = `{ ${here(command).replaceAll('node ', `'${process.execPath}' `)}\n} 2>&1 || true`;
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', shell], {
      cwd: path('..'),
      env: { ...process.env, ...plainLocale },
      timeout: 30_000,
    });
    t.equal(stdout, here(output), command);
  }
});
