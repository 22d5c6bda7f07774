import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { tableCommands } from '@tablelab/part2';
import { deadlineMs } from '@tablelab/part2/testing';
import { TableError } from '@tablelab/shared';
import { cases, withDeadline } from '@tablelab/shared/testing';
import t from 'tap';
import { ClientSession } from '../src/terminal/client-session.ts';
import { completions } from '../src/terminal/completion.ts';
import { program, run, server } from './client-support.ts';
import { startHoldingServer } from './support.ts';

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

t.test('a put on condition, and has (part2/README.md#client-conditions)', async (t) => {
  const { address, table } = await server(t);
  const value = (key: string) => Buffer.from(table.get(key) ?? []).toString();
  t.match(await run([address, 'has', 'k']), { code: 0, stdout: 'no\n' });
  t.match(await run([address, 'put', 'k', 'two', 'words', '--if-absent']), { code: 0, stdout: 'ok\n' });
  t.match(await run([address, 'put', '--if-absent', 'k', 'x']), { code: 0, stdout: 'not stored\n' });
  t.match(await run([address, 'put', 'k', 'x', '--if-equals', 'two']), { code: 0, stdout: 'not stored\n' });
  t.equal(value('k'), 'two words');
  t.match(await run([address, 'put', 'k', 'three', '--if-equals', 'two words']), { stdout: 'ok\n' });
  t.equal(value('k'), 'three');
  t.match(await run([address, 'has', 'k']), { code: 0, stdout: 'yes\n' });
  for (const words of cases(t, [
    ['put', 'k', 'x', '--if-absent'],
    ['put', 'k', 'x', '--if-equals', 'y'],
    ['has', 'none'],
  ])) {
    t.match(await run([address, ...words, '--fail-absent']), { code: 3 }, words.join(' '));
  }
  for (const words of cases(t, [
    ['get', 'k', '--if-absent'],
    ['put', 'k', 'x', '--if-absent', '--if-equals', 'y'],
    ['put', 'k', '--if-absent'],
  ])) {
    t.match(await run([address, ...words]), { code: 2, stderr: /usage: / }, words.join(' '));
  }
});

t.test('conditions in lines of input (part2/README.md#client-conditions)', async (t) => {
  const { address, table } = await server(t);
  const lines = [
    'put --if-absent k one two',
    'put --if-absent k three',
    'put --if-equals "one two" k --four',
    'put --if-equals one k five',
    'put "--if-absent" six',
    'put --if-absent k',
    'put --other seven',
  ];
  t.match(await run([address], lines.join('\n')), {
    code: 1,
    stdout: 'ok\nnot stored\nok\nnot stored\nok\nok\n',
    stderr: /usage: put --if-absent <key> <data>/,
  });
  const value = (key: string) => Buffer.from(table.get(key) ?? []).toString();
  t.same([value('k'), value('--if-absent'), value('--other')], ['--four', 'six', 'seven']);
  const json = await run([address, '--json'], 'put --if-absent k x\nhas k\nhas none\n');
  t.equal(
    json.stdout,
    '{"command":"put","stored":false}\n{"command":"has","found":true}\n{"command":"has","found":false}\n',
  );
  const piped = 'put --if-absent k x\nput --if-absent k2 x\nput k3 x\n';
  t.match(await run([address, '--pipe'], piped), {
    code: 0,
    stdout: '3 done (1 without effect), 0 failed\n',
  });
  t.match(await run([address, '--pipe', '--fail-absent'], piped), { code: 3 });
  const keys = async () => ['k1', 'k2'];
  t.same(await completions('put --if', tableCommands, keys), ['--if-absent ', '--if-equals ']);
  t.same(await completions('put --if-absent k', tableCommands, keys), ['k1', 'k2']);
  t.same(await completions('pu', tableCommands, keys), ['put ']);
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

t.test('the cause of a wrong argument is the last line (part2/README.md#client-exit)', async (t) => {
  const { stderr } = await run(['127.0.0.1:1', 'frob']);
  t.match(stderr, /^usage: client /);
  t.equal(stderr.trim().split('\n').at(-1), 'client: no command "frob": try help');
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
