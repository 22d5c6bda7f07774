import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import {
  keyText,
  RemoteTable,
  runTableClient,
  type TableClientProgram,
  tableCommands,
  valueJson,
  valueText,
} from '@tablelab/part2';
import { TableError } from '@tablelab/shared';
import { eventually, withDeadline } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { deadlineMs, holdingHandler, startServer } from './support.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

class Sink extends Writable {
  text = '';
  isTTY = false;
  override _write(chunk: Buffer, _encoding: string, done: () => void) {
    this.text += chunk.toString();
    done();
  }
}

function program<S>(
  parts: Pick<TableClientProgram<S>, 'connect' | 'disconnect' | 'commands' | 'getKeys'>,
  argv: string[],
  stdin: TableClientProgram<S>['stdin'],
) {
  const stdout = new Sink();
  const stderr = new Sink();
  stdout.isTTY = stdin.isTTY === true;
  const exit = () =>
    runTableClient({ name: 'client', addressName: '<host>:<port>', ...parts, argv, stdin, stdout, stderr });
  return { stdout, stderr, exit };
}

const tableParts = {
  connect: (address: string, { timeoutMs }: { timeoutMs: number }) =>
    RemoteTable.connect(address, { callTimeoutMs: timeoutMs }),
  disconnect: (table: RemoteTable) => table.disconnect(),
  commands: tableCommands,
  getKeys: (table: RemoteTable) => table.getKeys(),
};

/** Runs the client to its end, with `input` piped into it. */
async function run(argv: string[], input: string | Buffer = '') {
  const { stdout, stderr, exit } = program(tableParts, argv, Readable.from([Buffer.from(input)]));
  const code = await withDeadline(exit(), deadlineMs, 'the client to end');
  return { code, stdout: stdout.text, stderr: stderr.text };
}

async function server(t: Test) {
  const { address, ...rest } = await startServer(t, { clientsServedMax: 10 });
  return { ...rest, address: `127.0.0.1:${address.port}` };
}

t.test('piped: commands run in order, answers are printed (part2/README.md#client-commands)', async (t) => {
  const { address } = await server(t);
  const script =
    'put cart:1 two words\nget cart:1\nsize\ngetkeys\ndel cart:1\nget cart:1\ndel cart:1\ngetkeys\nquit\nsize\n';
  const { code, stdout, stderr } = await run([address], script);
  t.equal(stdout, 'ok\ntwo words\n1\ncart:1\nok\nkey not found\nkey not found\n<no keys>\n');
  t.same([code, stderr], [0, ''], 'an absent key is an answer');
});

t.test('data runs to the end of the line, as bytes (part2/README.md#client-commands)', async (t) => {
  const { address, table } = await server(t);
  const lines = ['put  a  two  words ', 'put b \xff\x01', 'put c ', '', '  ', 'put d x\r'].join('\n');
  t.equal((await run([address], Buffer.from(lines, 'latin1'))).code, 0);
  const value = (key: string) => Buffer.from(table.get(key) ?? []).toString('latin1');
  t.same(['a', 'b', 'c', 'd'].map(value), [' two  words ', '\xff\x01', '', 'x']);
});

t.test('keys that are no text are refused, not made one (part2/README.md#client-commands)', async (t) => {
  const { address, table } = await server(t);
  const lines = Buffer.from('put \xff one\nput \xfe two\nget \xff\nput caf\xc3\xa9 three\n', 'latin1');
  const { code, stderr } = await run([address], lines);
  t.equal(code, 1);
  t.equal(stderr, 'error: commands and keys are text in UTF-8\n'.repeat(3));
  t.same(table.keys(), ['café']);
});

t.test(
  'a bad line gets its usage and the next is run; the exit code tells (part2/README.md#client-exit)',
  async (t) => {
    const { address } = await server(t);
    const { code, stdout, stderr } = await run(
      [address],
      'put\nput k\nfrob\nget\nget a b\nsize 1\nsize \nhelp\nhelp me',
    );
    t.equal(code, 1);
    t.match(stdout, /^0\nput <key> <data>.*\n(.*\n)+quit/);
    t.same(stderr.split('\n').slice(0, -1), [
      'error: usage: put <key> <data>',
      'error: usage: put <key> <data>',
      'error: no command "frob": try help',
      'error: usage: get <key>',
      'error: usage: get <key>',
      'error: usage: size',
      'error: no command "help": try help',
    ]);
  },
);

t.test('one command on the command line (part2/README.md#client-one-shot)', async (t) => {
  const { address, table } = await server(t);
  t.match(await run([address, 'put', 'k', 'two', 'words']), { code: 0, stdout: 'ok\n' });
  t.match(await run([address, 'get', 'k'], 'size\n'), { code: 0, stdout: 'two words\n' });
  t.match(await run([address, 'put', 'a key', '--', '-5']), { code: 0 });
  t.equal(Buffer.from(table.get('a key') ?? []).toString(), '-5');
  t.match(await run([address, 'get', 'none']), { code: 0, stdout: 'key not found\n' });
  t.match(await run([address, 'put', 'a\0', 'v']), { code: 1, stdout: '', stderr: /^error: / });
  for (const words of [['frob'], ['put'], ['put', 'k'], ['get'], ['get', 'k', 'x'], ['size', 'x']]) {
    t.match(await run([address, ...words]), { code: 2, stderr: /usage: / }, words.join(' '));
  }
});

t.test('--json answers with one object a line (part2/README.md#client-json)', async (t) => {
  const { address } = await server(t);
  const input =
    'put k two words\nput b \xff\nget k\nget b\nget none\nsize\ndel b\ngetkeys\ndel k\ndel k\nfrob\n';
  const { code, stdout } = await run(['--json', address], Buffer.from(input, 'latin1'));
  t.equal(code, 1);
  t.same(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [
      { command: 'put', ok: true },
      { command: 'put', ok: true },
      { command: 'get', found: true, text: 'two words' },
      { command: 'get', found: true, base64: '/w==' },
      { command: 'get', found: false },
      { command: 'size', size: 2 },
      { command: 'del', found: true },
      { command: 'getkeys', keys: ['k'] },
      { command: 'del', found: true },
      { command: 'del', found: false },
      {
        command: 'frob',
        error: { code: 'BAD_REQUEST', text: 'no command "frob": try help', mayHaveHappened: false },
      },
    ],
  );
});

t.test('--file stores a file and writes one (part2/README.md#client-file)', async (t) => {
  const { address, table } = await server(t);
  const folder = await mkdtemp(join(tmpdir(), 'tablelab-client-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i & 255);
  const [source, copy, none] = ['in', 'out', 'none'].map((name) => join(folder, name));
  await writeFile(source ?? '', bytes);
  t.match(await run([address, 'put', 'k', '--file', source ?? '']), { code: 0, stdout: 'ok\n' });
  t.ok(Buffer.compare(table.get('k') ?? Buffer.of(), bytes) === 0);
  t.match(await run([address, 'get', 'k', '--file', copy ?? '']), {
    code: 0,
    stdout: `70000 bytes written to ${copy}\n`,
  });
  t.ok(Buffer.compare(await readFile(copy ?? ''), bytes) === 0);
  t.match(await run([address, 'get', 'x', '--file', none ?? '']), { code: 0, stdout: 'key not found\n' });
  t.match(await run([address, 'get', 'k', '--file', folder]), { code: 1, stderr: /error: EISDIR/ });
  t.match(await run([address, 'put', 'k', '--file', none ?? '']), { code: 1, stderr: /client: ENOENT/ });
  t.match(await run([address, 'put', 'k', '--file', '/dev/zero']), {
    code: 1,
    stderr: /more than 16777216 bytes/,
  });
  t.match(await run([address, 'put', 'k', 'v', '--file', source ?? '']), { code: 2 });
  t.match(await run([address, 'size', '--file', source ?? '']), {
    code: 2,
    stderr: /--file goes with put or get/,
  });
  t.match(await run([address, '--file', source ?? '']), { code: 2 });
});

t.test(
  'wrong arguments exit with 2, a server that is not there with 1 (part2/README.md#client-exit)',
  async (t) => {
    t.match(await run([]), { code: 2, stderr: /^client: the address is missing\nusage: client/ });
    t.match(await run(['nonsense']), {
      code: 2,
      stderr: /^client: an address is host:port.*"nonsense"\nusage/,
    });
    t.match(await run(['--bogus']), { code: 2, stderr: /^client: Unknown option '--bogus'\nusage/ });
    t.match(await run(['h:1', '--timeout', '0']), { code: 2, stderr: /--timeout is a whole number/ });
    t.match(await run(['127.0.0.1:1']), { code: 1, stderr: /^client: cannot reach 127.0.0.1:1: .*\n$/ });
    t.match(await run(['--help']), {
      code: 0,
      stdout: /^usage: client \[options\] <host>:<port>/,
      stderr: '',
    });
  },
);

t.test('a command that may have happened says so (part2/README.md#client-errors)', async (t) => {
  const { handler } = holdingHandler();
  const { address } = await startServer(t, { handler });
  const { code, stdout, stderr } = await run(
    ['--json', '--timeout', '1', `127.0.0.1:${address.port}`],
    'put k v\n',
  );
  t.equal(code, 1);
  t.match(stderr, /^error: no answer from .* within 1000 ms \(it may have happened all the same\)\n$/);
  t.match(JSON.parse(stdout), { error: { code: 'TIMEOUT', mayHaveHappened: true } });
});

t.test('a lost connection is renewed for the next command (part2/README.md#client-errors)', async (t) => {
  const stubs: { calls: number; gone: boolean }[] = [];
  const outcomes: (TableError | undefined)[] = [];
  const ask = {
    name: 'ask',
    parameters: [],
    summary: 'ask',
    async run(stub: { calls: number; gone: boolean }) {
      stub.calls += 1;
      const outcome = outcomes.shift();
      if (outcome !== undefined) throw outcome;
      return { text: `stub ${stubs.length}`, json: {} };
    },
  };
  const parts = {
    connect: async () => {
      const stub = { calls: 0, gone: false };
      stubs.push(stub);
      return stub;
    },
    disconnect: async (stub: { calls: number; gone: boolean }) => {
      stub.gone = true;
    },
    commands: [ask],
    getKeys: async () => [],
  };
  const lost = (mayHaveHappened: boolean) => new TableError('UNREACHABLE', 'gone', { mayHaveHappened });
  const refused = new TableError('BAD_REQUEST', 'no');
  outcomes.push(
    undefined,
    lost(false),
    undefined,
    lost(true),
    undefined,
    refused,
    undefined,
    lost(false),
    lost(false),
  );
  const client = program(parts, ['h:1'], Readable.from([Buffer.from('ask\n'.repeat(7))]));
  t.equal(await client.exit(), 1);
  t.same(client.stdout.text.trim().split('\n'), ['stub 1', 'stub 2', 'stub 3', 'stub 3'], 'ask by ask');
  t.same(client.stderr.text.trim().split('\n'), [
    'error: gone (it may have happened all the same)',
    'error: no',
    'error: gone',
  ]);
  t.ok(
    stubs.every(({ gone }) => gone),
    'every stub was disconnected',
  );
});

t.test('answers stop when nobody reads them any more', async (t) => {
  const { address, table } = await server(t);
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
  const stdin = Readable.from([Buffer.from('size\nput k v\n')]);
  const code = await runTableClient({
    name: 'client',
    addressName: '<host>:<port>',
    ...tableParts,
    argv: [address],
    stdin,
    stdout,
    stderr: new Sink(),
  });
  t.equal(code, 0);
  t.equal(table.size, 0, 'no command is run after that');
});

/** The client with a person at a terminal. */
function converse(address: string) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const client = program(tableParts, [address], stdin);
  const exit = client.exit();
  const seen = (pattern: RegExp) =>
    eventually(() => pattern.test(client.stdout.text) || pattern.test(client.stderr.text), {
      deadlineMs,
      what: `${pattern} on the terminal`,
    });
  /** Types, and waits until the terminal shows what is expected. */
  const type = async (text: string, expected: RegExp) => {
    client.stdout.text = '';
    client.stderr.text = '';
    stdin.write(text);
    await seen(expected);
  };
  return { ...client, stdin, exit, seen, type };
}

const enter = '\r';
const tab = '\t';
const upArrow = '\x1b[A';

t.test('on a terminal: prompt, history, completion, help (part2/README.md#client-terminal)', async (t) => {
  const { address, table } = await server(t);
  const { stdin, stdout, exit, seen, type } = converse(address);
  await seen(new RegExp(`${address}> `));
  await type(`put cart:1 two words${enter}`, /ok\n/);
  await type(`g${tab}`, /get/);
  await type(`${tab}`, /getkeys/);
  await type(` c${tab}`, /art:1/);
  await type(enter, /two words\n/);
  await type(`${upArrow}${enter}`, /two words\n/);
  await type(`frob${enter}`, /no command "frob": try help/);
  await type(`help${enter}`, /put <key> <data> .*\n(.*\n)+quit/);
  for (let i = 10; i < 200; i += 1) table.put(`item:${i}`, bytesOf(`value ${i}`));
  table.put('with blank', bytesOf('v'));
  await type(`get i${tab}`, /item:1?$/);
  await type('\x15get item:19', /item:19$/);
  // The first Tab completes what is certain, the next one lists what is possible; each asks the server.
  const listed = () => {
    stdin.write(tab);
    return /item:190[\s\S]*item:199/.test(stdout.text);
  };
  await eventually(listed, { deadlineMs, what: 'the keys to be listed' });
  await type(`9${enter}`, /value 199\n/);
  await type(`get item:19 x${tab}${enter}`, /usage: get <key>/);
  await type(`size ${tab}${enter}`, /192\n/);
  await type(`frob x${tab}${enter}`, /no command/);
  await type(`quit${enter}`, /quit/);
  t.equal(await withDeadline(exit, deadlineMs, 'the end'), 0, 'failed commands have been seen: exit 0');
});

t.test('Ctrl-D, Ctrl-C and the end of input end cleanly (part2/README.md#client-terminal)', async (t) => {
  const { address } = await server(t);
  for (const end of ['\x04', '\x03', 'half a command\x03']) {
    const { stdin, exit, seen, stderr } = converse(address);
    await seen(/> /);
    stdin.write(end);
    t.equal(await withDeadline(exit, deadlineMs, 'the end'), 0);
    t.equal(stderr.text, '');
  }
  const { stdin, exit, seen } = converse(address);
  await seen(/> /);
  stdin.end();
  t.equal(await withDeadline(exit, deadlineMs, 'the end'), 0);
});

t.test('Ctrl-C does not wait for a command that hangs (part2/README.md#client-terminal)', async (t) => {
  const { handler, arrived } = holdingHandler();
  const { address } = await startServer(t, { handler });
  const { stdin, exit, seen, stderr } = converse(`127.0.0.1:${address.port}`);
  await seen(/> /);
  stdin.write(`size${enter}size${enter}`);
  await arrived(1);
  stdin.write('\x03');
  t.equal(await withDeadline(exit, deadlineMs, 'the end'), 0);
  t.equal(stderr.text, '');
});

t.test('completion does without a connection', async (t) => {
  const { address, server: running } = await server(t);
  const { stdin, exit, seen, type } = converse(address);
  await seen(/> /);
  await running.close({ deadlineMs: 1_000 });
  await type(`size${enter}`, /error: /);
  await type(`get k${tab}x${enter}`, /error: /);
  stdin.write('\x04');
  t.equal(await withDeadline(exit, deadlineMs, 'the end'), 0);
});

t.test('values that are no text are shown as such (part2/README.md#client-values)', async (t) => {
  const shown: [Uint8Array, string][] = [
    [bytesOf('two words'), 'two words'],
    [bytesOf('a\tb'), 'a\tb'],
    [bytesOf('café \u{1F6D2}'), 'café \u{1F6D2}'],
    [Uint8Array.of(0, 0xff, 0x7f), '<3 bytes: 00ff7f>'],
    [new Uint8Array(0), '<0 bytes>'],
    [bytesOf('\n'), '<1 byte: 0a>'],
    [bytesOf('\x1b[2J'), '<4 bytes: 1b5b324a>'],
    [bytesOf('a\u202eb'), '<5 bytes: 61e280ae62>'],
    [new Uint8Array(40), `<40 bytes: ${'00'.repeat(32)}...>`],
  ];
  for (const [value, text] of shown) t.equal(valueText(value), text);
  t.same(valueJson(bytesOf('\x1b\n')), { text: '\x1b\n' });
  t.same(valueJson(Uint8Array.of(0xff)), { base64: '/w==' });
  t.same(['a b', '', 'a\x1b', '\u202e', 'é'].map(keyText), ['a b', '""', '"a\\u001b"', '"\\u{202e}"', 'é']);
});
