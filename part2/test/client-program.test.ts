import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import {
  keyText,
  runTableClient,
  type TableClientProgram,
  tableCommands,
  valueJson,
  valueText,
} from '@tablelab/part2';
import { deadlineMs } from '@tablelab/part2/testing';
import { TableError } from '@tablelab/shared';
import { cases, eventually, TextSink, withDeadline } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { ClientSession } from '../src/terminal/client-session.ts';
import { completions } from '../src/terminal/completion.ts';
import { tableClientParts } from '../src/terminal/table-client-parts.ts';
import { startHoldingServer, startServer } from './support.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

function program<S>(
  parts: Pick<TableClientProgram<S>, 'connect' | 'disconnect' | 'commands' | 'getKeys' | 'onNotice'>,
  argv: string[],
  stdin: TableClientProgram<S>['stdin'],
) {
  const stdout = new TextSink();
  const stderr = new TextSink();
  stdout.isTTY = stdin.isTTY === true;
  const exit = () =>
    runTableClient({ name: 'client', addressName: '<host>:<port>', ...parts, argv, stdin, stdout, stderr });
  return { stdout, stderr, exit };
}

/** Runs the client to its end, with `input` piped into it. */
async function run(argv: string[], input: string | Buffer = '') {
  const { stdout, stderr, exit } = program(tableClientParts, argv, Readable.from([Buffer.from(input)]));
  const code = await withDeadline(exit(), deadlineMs, 'the client to end');
  return { code, stdout: stdout.text, stderr: stderr.text };
}

async function server(t: Test) {
  const { address, ...rest } = await startServer(t);
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

t.test('keys that are not text are refused, not converted (part2/README.md#client-commands)', async (t) => {
  const { address, table } = await server(t);
  const lines = Buffer.from('put \xff one\nput \xfe two\nget \xff\nput caf\xc3\xa9 three\n', 'latin1');
  const { code, stderr } = await run([address], lines);
  t.equal(code, 1);
  t.equal(stderr, 'error: commands and keys are text in UTF-8\n'.repeat(3));
  t.same(table.keys(), ['café']);
});

t.test(
  'a bad line gets its usage, the next one is run, and the exit code is 1 (part2/README.md#client-exit)',
  async (t) => {
    const { address } = await server(t);
    const { code, stdout, stderr } = await run(
      [address],
      'put\nput k\nfrob\nget\nget \nget a b\nsize 1\nsize \nhelp\nhelp me',
    );
    t.equal(code, 1);
    t.match(stdout, /^0\nput <key> <data>.*\n(.*\n)+quit/);
    t.same(stderr.split('\n').slice(0, -1), [
      'error: usage: put <key> <data>',
      'error: usage: put <key> <data>',
      'error: no command "frob": try help',
      'error: usage: get <key>',
      'error: usage: get <key>',
      'error: usage: get <key>',
      'error: usage: size',
      'error: usage: help',
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
  for (const words of cases(t, [
    ['frob'],
    ['put'],
    ['put', 'k'],
    ['get'],
    ['get', 'k', 'x'],
    ['size', 'x'],
  ])) {
    t.match(await run([address, ...words]), { code: 2, stderr: /usage: / }, words.join(' '));
  }
});

t.test('scan shows the keys with a prefix, or all, sorted (part2/README.md#client-commands)', async (t) => {
  const { address, table } = await server(t);
  t.match(await run([address, 'scan']), { code: 0, stdout: '<no keys>\n' });
  for (let i = 0; i < 3_000; i += 1) table.put(`k${i}`, new Uint8Array(0));
  table.put('a key', new Uint8Array(0));
  const sorted = (keys: string[]) => `${keys.toSorted().join('\n')}\n`;
  const withPrefix = (prefix: string) => table.keys().filter((key) => key.startsWith(prefix));
  t.match(await run([address, 'scan', 'k12']), { code: 0, stdout: sorted(withPrefix('k12')) });
  t.match(await run([address], 'scan\nscan k99\nscan "a k"\n'), {
    code: 0,
    stdout: sorted(table.keys()) + sorted(withPrefix('k99')) + sorted(['a key']),
  });
  t.match(await run([address, 'scan', 'k', 'x']), { code: 2, stderr: /usage: scan \[prefix\]/ });
});

t.test('--json answers with one object per line (part2/README.md#client-json)', async (t) => {
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
  for (const words of [['k', 'v'], []]) {
    t.match(await run([address, 'put', ...words, '--file', none ?? '']), { code: 2, stderr: /: usage: put/ });
  }
  t.match(await run([address, 'size', '--file', source ?? '']), {
    code: 2,
    stderr: /--file goes with put or get/,
  });
  t.match(await run([address, '--file', source ?? '']), { code: 2 });
});

t.test(
  'the exit code is 2 for wrong arguments, and 1 for an unreachable server (part2/README.md#client-exit)',
  async (t) => {
    t.match(await run([]), { code: 2, stderr: /^usage: client(.|\n)*\nclient: the address is missing\n$/ });
    t.match(await run(['nonsense']), {
      code: 2,
      stderr: /\nclient: an address is host:port.*"nonsense"\n$/,
    });
    t.match(await run(['--bogus']), { code: 2, stderr: /^usage(.|\n)*client: Unknown option '--bogus'\n$/ });
    t.match(await run(['h:1', '--timeout', '0']), { code: 2, stderr: /--timeout is a whole number/ });
    t.match(await run(['127.0.0.1:1']), { code: 1, stderr: /^client: cannot reach 127.0.0.1:1: .*\n$/ });
    t.match(await run(['--help']), {
      code: 0,
      stdout: /^usage: client \[options\] <host>:<port>/,
      stderr: '',
    });
  },
);

t.test('the error of a command that may have happened says so (part2/README.md#client-errors)', async (t) => {
  const { address } = await startHoldingServer(t);
  const { code, stdout, stderr } = await run(
    ['--json', '--timeout', '1', `127.0.0.1:${address.port}`],
    'put k v\n',
  );
  t.equal(code, 1);
  t.match(stderr, /^error: no answer from .* within 1000 ms \(it may have happened all the same\)\n$/);
  t.match(JSON.parse(stdout), { error: { code: 'TIMEOUT', mayHaveHappened: true } });
});

t.test(
  'after a lost connection the next command connects again (part2/README.md#client-errors)',
  async (t) => {
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
  },
);

t.test('no more commands are run when the reader of the answers has gone', async (t) => {
  const { address, table } = await server(t);
  const gone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done(gone) });
  const stdin = Readable.from([Buffer.from('size\nput k v\n')]);
  const code = await runTableClient({
    name: 'client',
    ...tableClientParts,
    argv: [address],
    stdin,
    stdout,
    stderr: new TextSink(),
  });
  t.equal(code, 0);
  t.equal(table.size, 0, 'no command is run after that');
});

t.test('answers that cannot be written end the client with 1 (part2/README.md#client-exit)', async (t) => {
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  for (const [argv, input, keys] of cases(t, [
    [['put', 'k', 'v'], '', ['k']],
    [['get', 'none'], '', []],
    [['--json', 'size'], '', []],
    [['help'], '', []],
    [['--help'], '', []],
    [[], 'put a 1\nput b 2\nput c 3\n', ['a']],
    [['--pipe'], 'put a 1\nput b 2\n', ['a', 'b']],
  ] as const)) {
    const { address, table } = await server(t);
    const stderr = new TextSink();
    const code = await runTableClient({
      name: 'client',
      ...tableClientParts,
      argv: [address, ...argv],
      stdin: Readable.from([Buffer.from(input)]),
      stdout: new Writable({ write: (_chunk, _encoding, done) => done(full) }),
      stderr,
    });
    t.equal(code, 1, argv.join(' '));
    t.equal(stderr.text, 'client: cannot write the output: no space left; no command is run after that\n');
    t.same(table.keys().sort(), keys, 'nothing is run after the first answer that was lost');
  }
});

t.test(
  'words with blanks are written in quotes; a byte-order mark is ignored (part2/README.md#client-commands)',
  async (t) => {
    const { address, table } = await server(t);
    const lines = [
      '\ufeffput "a key" two words',
      'put "\\"" "as it is"',
      'get "a key"',
      'get  "a key" ',
      'del "a key"',
      'put "" x',
    ];
    const wrong = ['put "a key', 'get "a"b', 'get "\\x"'];
    const { code, stdout, stderr } = await run([address], [...lines, ...wrong].join('\n'));
    t.equal(code, 1);
    t.equal(stdout, 'ok\nok\ntwo words\ntwo words\nok\nok\n');
    t.same(
      stderr
        .trim()
        .split('\n')
        .map((line) => line.replace(/.* not /, '')),
      ['"a key', '"a"b', '"\\x"'],
    );
    t.same(table.keys().sort(), ['', '"']);
    t.equal(Buffer.from(table.get('"') ?? []).toString(), '"as it is"', 'data is taken as it stands');
  },
);

t.test('data and keys may begin with a dash (part2/README.md#client-one-shot)', async (t) => {
  const { address, table } = await server(t);
  t.match(await run([address, 'put', 'k', '-5']), { code: 0, stdout: 'ok\n' });
  t.match(await run([address, 'put', '-h', '-x', 'y', '--json']), {
    code: 0,
    stdout: '{"command":"put","ok":true}\n',
  });
  t.match(await run([address, 'get', 'k']), { code: 0, stdout: '-5\n' });
  t.equal(Buffer.from(table.get('-h') ?? []).toString(), '-x y');
  t.match(await run([address, 'put', 'k', '--bogus']), { code: 2, stderr: /Unknown option '--bogus'\n$/ });
  t.match(await run([address, 'put', 'k', '--', '--bogus']), { code: 0 });
});

t.test('--raw and --file - write only the bytes (part2/README.md#client-file)', async (t) => {
  const { address, table } = await server(t);
  t.match(await run([address, 'put', 'k', '--file', '-'], 'a\nb'), { code: 0, stdout: 'ok\n' });
  t.equal(Buffer.from(table.get('k') ?? []).toString(), 'a\nb');
  for (const option of cases(t, [['--raw'], ['--file', '-'], ['--file', '/dev/stdout']])) {
    t.match(
      await run([address, 'get', 'k', ...option]),
      { code: 0, stdout: 'a\nb', stderr: '' },
      option.join(' '),
    );
    const absent = await run([address, 'get', 'none', ...option]);
    t.same(absent, { code: 0, stdout: '', stderr: 'key not found\n' });
  }
  const wrong = [
    ['size', '--raw'],
    ['get', 'k', '--raw', '--file', 'f'],
    ['get', 'k', '--raw', '--json'],
    ['--raw'],
  ];
  for (const words of cases(t, wrong)) t.match(await run([address, ...words]), { code: 2 }, words.join(' '));
});

t.test('--fail-absent: exit code 3 for an absent key (part2/README.md#client-exit)', async (t) => {
  const { address } = await server(t);
  t.match(await run([address, 'get', 'k', '--fail-absent']), { code: 3, stdout: 'key not found\n' });
  t.match(await run([address, 'get', 'k', '--raw', '--fail-absent']), { code: 3, stdout: '' });
  t.match(await run([address, '--fail-absent'], 'put k v\nget k\n'), { code: 0 });
  t.match(await run([address, '--fail-absent'], 'del k\ndel k\nsize\n'), {
    code: 3,
    stdout: 'ok\nkey not found\n0\n',
  });
  t.match(
    await run([address, '--fail-absent'], 'get k\nfrob\n'),
    { code: 1 },
    'a failed command counts for more',
  );
});

t.test(
  '--pipe sends without waiting, in order, and reports errors with their lines (part2/README.md#client-pipe)',
  async (t) => {
    const { address, table } = await server(t);
    const puts = Array.from({ length: 5_000 }, (_, i) => `put key ${i}`);
    t.same(await run([address, '--pipe'], puts.join('\n')), {
      code: 0,
      stdout: '5000 done, 0 failed\n',
      stderr: '',
    });
    t.equal(Buffer.from(table.get('key') ?? []).toString(), '4999', 'the last put is the last');
    const bad = 'put a 1\n\nget a\nput\nput b\0 2\ndel none\nput c 3\n';
    const { code, stdout, stderr } = await run([address, '--pipe', '--json'], bad);
    t.equal(code, 1);
    t.same(
      stderr
        .trim()
        .split('\n')
        .sort()
        .map((line) => line.slice(0, 30)),
      ['line 3: error: --pipe takes pu', 'line 4: error: usage: put <key', 'line 5: error: a key must not '],
    );
    const objects = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    t.same(
      objects
        .map(({ line }) => line)
        .filter(Boolean)
        .sort(),
      [3, 4, 5],
    );
    t.same(objects.at(-1), { command: 'pipe', done: 3, failed: 3, notRun: 0 });
    t.match(await run([address, '--pipe', 'size']), {
      code: 2,
      stderr: /--pipe takes its commands from standard input/,
    });
  },
);

t.test(
  '--pipe sends many before the first answer, and nothing after a lost connection (part2/README.md#client-pipe)',
  async (t) => {
    const { address, held, arrived } = await startHoldingServer(t);
    const input = new PassThrough();
    const client = program(
      tableClientParts,
      ['--pipe', `127.0.0.1:${address.port}`, '--timeout', '1'],
      input,
    );
    const exit = client.exit();
    input.write('put a 1\nput b 2\nput c 3\n');
    await arrived(3);
    held[0]?.answer();
    // The other two are not answered in time, so the connection can no longer be used.
    await eventually(() => /line 3/.test(client.stderr.text), { deadlineMs, what: 'the failure' });
    input.end('put d 4\n');
    t.equal(await withDeadline(exit, deadlineMs, 'the end'), 1);
    t.match(
      client.stderr.text,
      /line 2: error: .*\(it may have happened all the same\)\nline 3: error: .*\(it may/,
    );
    t.equal(client.stdout.text, '1 done, 2 failed, 1 not run after the connection was lost\n');
    t.equal(held.length, 3, 'the fourth was not sent');
  },
);

t.test('the cause of a wrong argument is the last line (part2/README.md#client-exit)', async (t) => {
  const { stderr } = await run(['127.0.0.1:1', 'frob']);
  t.match(stderr, /^usage: client /);
  t.equal(stderr.trim().split('\n').at(-1), 'client: no command "frob": try help');
});

t.test(
  'lines of another program do not disturb the input line (part2/README.md#client-terminal)',
  async (t) => {
    const { address } = await server(t);
    const told = Promise.withResolvers<(line: string) => void>();
    const parts = { ...tableClientParts, onNotice: told.resolve };
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const { stdout, exit } = program(parts, [address], stdin);
    const ended = exit();
    const notice = await told.promise;
    const shown = () => stripVTControlCharacters(stdout.text);
    await eventually(() => shown().endsWith('> '), { deadlineMs });
    stdin.write('get k');
    await eventually(() => shown().endsWith('get k'), { deadlineMs });
    notice('server 1\x1b[2J ended');
    t.match(
      shown(),
      /\nserver 1\\u\{1b\}\[2J ended\n.*> get k$|get kserver 1\\u\{1b\}\[2J ended\n.*> get k$/,
    );
    stdin.write('\x03');
    t.equal(await withDeadline(ended, deadlineMs, 'the end'), 0);
  },
);

/** The client on a simulated terminal. */
function converse(address: string, options: string[] = []) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const client = program(tableClientParts, [...options, address], stdin);
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
/** Tab completes only if it arrives alone; within pasted text it is a blank. */
async function pressTab(stdin: PassThrough): Promise<void> {
  stdin.write(tab);
  for (let turns = 0; turns < 4; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

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
  // The first Tab completes the common prefix, the next one lists the candidates; each asks the server.
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
  for (const end of cases(t, ['\x04', '\x03', 'half a command\x03'])) {
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
  const { address, arrived } = await startHoldingServer(t);
  const { stdin, exit, seen, stderr } = converse(`127.0.0.1:${address.port}`);
  await seen(/> /);
  stdin.write(`size${enter}size${enter}`);
  await arrived(1);
  stdin.write('\x03');
  t.equal(await withDeadline(exit, deadlineMs, 'the end'), 0);
  t.equal(stderr.text, '');
});

for (const [end, how] of [
  ['\x04', 'Ctrl-D'],
  [`quit${enter}`, 'quit'],
] as const) {
  t.test(`${how} does not wait for a command that hangs (part2/README.md#client-terminal)`, async (t) => {
    const { address, arrived } = await startHoldingServer(t);
    // Much longer than the test may take: only the request to quit ends the command.
    const { stdin, exit, seen, stderr } = converse(`127.0.0.1:${address.port}`, ['--timeout', '3600']);
    await seen(/> /);
    stdin.write(`put k v${enter}size${enter}`);
    await arrived(1);
    stdin.write(end);
    t.equal(await withDeadline(exit, deadlineMs, 'the end'), 0);
    t.equal(
      stderr.text,
      'error: the program ended before the answer came (it may have happened all the same)\n',
    );
  });
}

t.test('Tab does not wait for a server that hangs (part2/README.md#client-terminal)', async (t) => {
  const { address, arrived, held } = await startHoldingServer(t);
  const { stdin, exit, seen, type } = converse(`127.0.0.1:${address.port}`, ['--timeout', '3600']);
  await seen(/> /);
  stdin.write(`get k${tab}`);
  await arrived(1);
  await type('z', /z/);
  await pressTab(stdin);
  await type('y', /y/);
  stdin.write(`\x15help${enter}`);
  await seen(/put <key> <data> .*\n(.*\n)+quit/);
  t.equal(held.length, 1, 'keys that the server owes are not asked for again');
  stdin.write('\x04');
  t.equal(await withDeadline(exit, deadlineMs, 'the end'), 0);
});

t.test('pasted commands appear above their answers (part2/README.md#client-terminal)', async (t) => {
  const { address } = await server(t);
  const { stdin, stdout, exit, seen } = converse(address);
  await seen(/> /);
  stdin.write('put a one\rget a\r\nfrob\nsize\nquit\n');
  t.equal(await withDeadline(exit, deadlineMs, 'the end'), 0);
  // The visible text, without the sequences that move the cursor.
  const shown = stripVTControlCharacters(stdout.text).replaceAll('\r', '');
  const prompt = `${address}> `;
  t.equal(
    shown.replaceAll(new RegExp(`(${prompt})+`, 'g'), '> '),
    '> put a one\nok\n> get a\none\n> frob\n> size\n1\n> quit\n\n',
  );
});

t.test('completion works without a connection', async (t) => {
  const { address, server: running } = await server(t);
  const { stdin, exit, seen, type } = converse(address);
  await seen(/> /);
  await running.close({ deadlineMs: 1_000 });
  await type(`size${enter}`, /error: /);
  await type('get k', /get k$/);
  await pressTab(stdin);
  await type(`x${enter}`, /error: /);
  stdin.write('\x04');
  t.equal(await withDeadline(exit, deadlineMs, 'the end'), 0);
});

t.test('values that are not text are shown as bytes (part2/README.md#client-values)', async (t) => {
  const shown: [Uint8Array, string][] = [
    [bytesOf('two words'), 'two words'],
    [bytesOf('a\tb'), 'a\tb'],
    [bytesOf('café \u{1F6D2}'), 'café \u{1F6D2}'],
    [Uint8Array.of(0, 0xff, 0x7f), '<3 bytes: 00ff7f>'],
    [new Uint8Array(0), '<0 bytes>'],
    [bytesOf('one\ntwo\n'), 'one\ntwo\n'],
    [bytesOf('one\r\ntwo'), 'one\\u{d}\ntwo'],
    [bytesOf('\u{1F469}\u200D\u{1F4BB} می\u200Cخواهم'), '\u{1F469}\u200D\u{1F4BB} می\u200Cخواهم'],
    [bytesOf('a\x85b'), '<4 bytes: 61c28562>'],
    [bytesOf('\x07'), '<1 byte: 07>'],
    [bytesOf('\x1b[2J'), '<4 bytes: 1b5b324a>'],
    [bytesOf('a\u202eb'), 'a\\u{202e}b'],
    [new Uint8Array(40), `<40 bytes: ${'00'.repeat(32)}...>`],
  ];
  for (const [value, text] of cases(t, shown)) t.equal(valueText(value), text);
  t.same(valueJson(bytesOf('\x1b\n')), { text: '\x1b\n' });
  t.same(valueJson(Uint8Array.of(0xff)), { base64: '/w==' });
  const keys = ['a b', '', 'a\x1b', '\u202e', 'é', '"', 'a\nb', '\u{1F469}\u200D\u{1F4BB}'];
  const keysShown = [
    'a b',
    '""',
    '"a\\u001b"',
    '"\\u202e"',
    'é',
    '"\\""',
    '"a\\nb"',
    '\u{1F469}\u200D\u{1F4BB}',
  ];
  t.same(keys.map(keyText), keysShown);
});

t.test('errors and JSON contain no control sequences (part2/README.md#client-values)', async (t) => {
  const nasty = 'a\x1b[2J\u202e\x85\nb';
  const parts = {
    connect: async (address: string) => {
      if (address === 'none') throw new TableError('UNREACHABLE', nasty);
    },
    disconnect: async () => undefined,
    commands: [
      { name: 'fail', parameters: [], summary: '', run: () => Promise.reject(new TableError('BUSY', nasty)) },
      { name: 'tell', parameters: [], summary: '', run: async () => ({ text: '', json: { nasty } }) },
    ],
    getKeys: async () => [],
  };
  for (const argv of cases(t, [['none'], ['h:1', 'fail'], ['h:1', 'tell']])) {
    const { stdout, stderr, exit } = program(parts, ['--json', ...argv], Readable.from([]));
    await exit();
    t.notMatch(stdout.text + stderr.text, /(?!\n)[\p{Cc}\u202e]/u, argv.join(' '));
    t.match(stderr.text, argv[1] === 'tell' ? '' : /: a\\u\{1b\}\[2J\\u\{202e\}\\u\{85\}\\u\{a\}b\n$/);
    t.match(JSON.parse(stdout.text), argv[1] === 'tell' ? { nasty } : { error: { text: nasty } });
  }
});

t.test(
  'a line that is too long is an error, and the next is run (part2/README.md#client-exit)',
  async (t) => {
    const { address } = await server(t);
    const long = Buffer.alloc(16 * 1024 * 1024 + 1, 'x');
    const { code, stdout, stderr } = await run([address], Buffer.concat([long, Buffer.from('\nsize\n')]));
    t.same([code, stdout, stderr], [1, '0\n', 'error: a line of more than 16777216 bytes\n']);
  },
);

t.test('help and quit are commands like any other (part2/README.md#client-one-shot)', async (t) => {
  t.match(await run(['127.0.0.1:1', 'help']), { code: 0, stdout: /^put <key> <data>/, stderr: '' });
  t.match(await run(['127.0.0.1:1', 'quit']), { code: 0, stdout: '', stderr: '' });
  t.match(await run(['127.0.0.1:1', 'help', 'me']), { code: 2, stderr: /usage: help\n/ });
  const { address } = await server(t);
  const { stdout } = await run(['--json', address], 'help\n');
  t.match(JSON.parse(stdout), { command: 'help', text: /^put <key>/ });
});

t.test('--json also reports a failed connection (part2/README.md#client-json)', async (t) => {
  const { code, stdout } = await run(['--json', '127.0.0.1:1', 'size']);
  t.equal(code, 1);
  t.match(JSON.parse(stdout), { error: { code: 'UNREACHABLE', mayHaveHappened: false } });
});

t.test('many keys are completed up to a whole character', async (t) => {
  const keys = Array.from({ length: 101 }, (_, i) => `k${String.fromCodePoint(0x1f600 + i)}`);
  t.same(await completions('get k', tableCommands, async () => keys), ['k']);
  t.same(await completions('get k', tableCommands, async () => ['k\u202e', 'k l', 'k\u200d']), ['k\u200d']);
  t.same(await completions('get k l', tableCommands, async () => ['l']), [], 'a command takes one key');
});

t.test('commands that lose the same stub share the next one (part2/README.md#client-errors)', async (t) => {
  const gone: number[] = [];
  let made = 0;
  const session = new ClientSession(
    async () => {
      made += 1;
      return made;
    },
    async (stub) => void gone.push(stub),
  );
  await session.open();
  const work = async (stub: number) => {
    if (stub === 1) throw new TableError('UNREACHABLE', 'gone');
    return stub;
  };
  t.same(await Promise.all([session.use(work), session.use(work)]), [2, 2]);
  await session.close();
  t.same([made, gone], [2, [1, 2]], 'none is left open');
});

t.test('closing a session ends the wait for a connection (part2/README.md#client-errors)', async (t) => {
  const connected = Promise.withResolvers<string>();
  const gone = Promise.withResolvers<string>();
  const session = new ClientSession(
    () => connected.promise,
    async (stub: string) => gone.resolve(stub),
  );
  let worked = false;
  const use = session.use(async () => {
    worked = true;
  });
  const refused = t.rejects(use, { code: 'UNREACHABLE', message: 'the connection was closed' });
  await session.close();
  await withDeadline(refused, deadlineMs, 'the work to be called off');
  connected.resolve('late');
  t.equal(await withDeadline(gone.promise, deadlineMs, 'the late stub to be disconnected'), 'late');
  await t.rejects(session.open(), { code: 'UNREACHABLE' });
  t.notOk(worked);
});
