import { PassThrough, Readable, Writable } from 'node:stream';
import { keyText, runTableClient, valueJson, valueText } from '@tablelab/part2';
import { deadlineMs } from '@tablelab/part2/testing';
import { TableError } from '@tablelab/shared';
import { cases, eventually, TextSink, withDeadline } from '@tablelab/shared/testing';
import t from 'tap';
import { tableClientParts } from '../src/terminal/table-client-parts.ts';
import { bytesOf, program, run, server } from './client-support.ts';
import { startHoldingServer } from './support.ts';

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
    t.same(objects.at(-1), { command: 'pipe', done: 3, noEffect: 1, failed: 3, notRun: 0 });
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
