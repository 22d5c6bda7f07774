import { EventEmitter } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import { TableError } from '@tablelab/shared';
import {
  integerArgument,
  LineOutput,
  openPrompt,
  parseArguments,
  type RunningServer,
  readLines,
  runServerProgram,
  type ServerArguments,
  UsageError,
} from '@tablelab/shared/command-line';
import { cases, eventually } from '@tablelab/shared/testing';
import t from 'tap';

/** A stream that keeps what is written to it. */
class Sink extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void) {
    this.text += chunk.toString();
    done();
  }
}

async function linesOf(chunks: (string | Buffer)[], lineBytesMax = 100): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLines(Readable.from(chunks, { objectMode: true }), { lineBytesMax })) {
    lines.push(line instanceof TableError ? line.code : line.toString('latin1'));
  }
  return lines;
}

t.test('whole numbers in a range are arguments, all else is a UsageError', async (t) => {
  const range = { min: 1, max: 10 };
  t.equal(integerArgument('n', '1', range), 1);
  t.equal(integerArgument('n', '010', range), 10);
  for (const text of cases(t, ['', '0', '11', '-1', '1.5', '1e1', ' 1', 'x', '9'.repeat(30)])) {
    t.throws(() => integerArgument('n', text, range), {
      name: 'UsageError',
      message: /^n is a whole number/,
    });
  }
});

t.test('options and positionals come apart; an unknown option is a UsageError', async (t) => {
  const options = { json: { type: 'boolean' }, file: { type: 'string' } } as const;
  t.match(parseArguments(['a', '--json', '--file', 'x', '--', '-5'], options), {
    positionals: ['a', '-5'],
    values: { json: true, file: 'x' },
  });
  t.throws(() => parseArguments(['--bogus'], options), {
    name: 'UsageError',
    message: "Unknown option '--bogus'",
  });
  t.throws(() => parseArguments(['--file'], options), UsageError);
});

t.test('lines end with LF or CR LF, the last also without, however the bytes are cut', async (t) => {
  t.same(await linesOf(['one\ntwo\r\n\nth', 'r', 'ee\nfour']), ['one', 'two', '', 'three', 'four']);
  t.same(await linesOf(['a\r', '\nb\r']), ['a', 'b']);
  t.same(await linesOf([]), []);
  t.same(
    await linesOf([Buffer.from([0xff, 0, 10, 0xc3])]),
    ['\xff\0', '\xc3'],
    'bytes that are no text stay',
  );
});

t.test('a line has a limit', async (t) => {
  t.same(await linesOf(['12345\n12345'], 5), ['12345', '12345']);
  t.same(await linesOf(['123', '456', '7\nnext\n123456\nlast'], 5), [
    'TOO_LARGE',
    'next',
    'TOO_LARGE',
    'last',
  ]);
  t.same(await linesOf(['123456'], 5), ['TOO_LARGE'], 'also without an end');
});

t.test('LineOutput waits for its reader, and notices one that has gone', async (t) => {
  const sink = new Sink();
  const output = new LineOutput(sink);
  await output.print('a');
  t.equal(sink.text, 'a\n');
  t.equal(output.gone, false);
  const broken = new LineOutput(
    new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) }),
  );
  await broken.print('a');
  t.equal(broken.gone, true);
  await broken.print('b');
});

/** A person at a terminal. */
function person(complete: (line: string) => Promise<string[]> = async () => []) {
  const input = new PassThrough();
  const output = new Sink();
  const prompt = openPrompt({ input, output, prompt: '> ', quitWord: 'quit', complete });
  const lines: string[] = [];
  const done = (async () => {
    for await (const line of prompt.lines) lines.push(line.toString());
  })();
  return { input, output, lines, done, interrupted: prompt.interrupted, leaving: prompt.leaving };
}

const enter = '\r';
const upArrow = '\x1b[A';
const backspace = '\x7f';

t.test('a prompt edits, remembers and ends with the input', async (t) => {
  const { input, output, lines, done } = person();
  input.write(`helo${backspace}lo${enter}`);
  input.write(`${upArrow}!${enter}`);
  input.end();
  await done;
  t.same(lines, ['hello', 'hello!']);
  t.match(output.text, /> /);
  t.equal(output.text.at(-1), '\n', 'what comes next begins a line');
});

t.test('Ctrl-D and Ctrl-C end a prompt, the latter as an interruption', async (t) => {
  const first = person();
  first.input.write(`one${enter}\x04`);
  await first.done;
  t.same(first.lines, ['one']);
  const second = person();
  second.input.write('half a line\x03');
  await second.interrupted;
  await second.done;
  t.same(second.lines, []);
});

t.test('a prompt completes the last word; a failure completes nothing', async (t) => {
  const { input, lines, done } = person(async (line) => {
    if (line.startsWith('x')) throw new Error('no keys');
    return ['cart:1'];
  });
  // Each stroke has its turn: a completion is on its way while the next is typed.
  for (const stroke of ['get c', '\t', enter, 'x', '\t', enter]) {
    input.write(stroke);
    await new Promise((resolve) => setImmediate(resolve));
  }
  input.end();
  await done;
  t.same(lines, ['get cart:1', 'x']);
});

t.test('a prompt takes its terminal as it is, and stops reading a flood that waits', async (t) => {
  const raw: boolean[] = [];
  const input = Object.assign(new PassThrough(), { setRawMode: (on: boolean) => raw.push(on) });
  const prompt = openPrompt({
    input,
    output: new Sink(),
    prompt: '> ',
    quitWord: 'quit',
    complete: async () => [],
  });
  const lines = prompt.lines[Symbol.asyncIterator]();
  const first = lines.next();
  input.write('one\r');
  t.equal((await first).value?.toString(), 'one');
  // Nobody asks for the next line yet: what is typed waits, up to a limit.
  input.write(Buffer.alloc(1024 * 1024, 'x'));
  input.write('\r');
  await eventually(() => input.isPaused(), { deadlineMs: 10_000, what: 'the input to be paused' });
  t.equal((await lines.next()).value?.length, 1024 * 1024);
  t.notOk(input.isPaused());
  const last = lines.next();
  input.write('\x04');
  t.ok((await last).done);
  t.same(raw, [true, false], 'the terminal is left as it was');
});

t.test(
  'the end of the input, Ctrl-D and the quit word are seen behind a line that is being dealt with',
  async (t) => {
    for (const asks of ['\x04', 'size\rquit\r', 'size\n\x04', 'end']) {
      const input = new PassThrough();
      const output = new Sink();
      const prompt = openPrompt({ input, output, prompt: '> ', quitWord: 'quit', complete: async () => [] });
      const lines = prompt.lines[Symbol.asyncIterator]();
      input.write('one\r');
      await lines.next();
      t.notOk(prompt.leaving.aborted);
      if (asks === 'end') input.end();
      else input.write(asks);
      await eventually(() => prompt.leaving.aborted, { deadlineMs: 10_000, what: `the end by ${asks}` });
      await lines.return?.();
    }
  },
);

interface Run {
  argv?: string[];
  start?: (args: ServerArguments) => Promise<RunningServer>;
}

function serverRun({ argv = ['1', '2'], start }: Run = {}) {
  const stdout = new Sink();
  const stderr = new Sink();
  const signals = new EventEmitter();
  const closed: string[] = [];
  const started = Promise.withResolvers<ServerArguments>();
  const exit = runServerProgram({
    name: 'server',
    usage: 'usage: server\n',
    parameters: ['port', 'lists'],
    options: { extra: { type: 'string' } },
    argv,
    stdout,
    stderr,
    signals,
    start:
      start ??
      (async (args) => {
        started.resolve(args);
        return { address: 'here:1', close: async () => void closed.push('closed') };
      }),
  });
  return { stdout, stderr, signals, closed, exit, started: started.promise };
}

t.test('an empty host is refused, and a reader that has gone away is no failure', async (t) => {
  const empty = serverRun({ argv: ['1', '2', '--host', ''] });
  t.equal(await empty.exit, 2);
  t.match(empty.stderr.text, /--host is an address/);
  const { stdout, signals, exit, started } = serverRun();
  await started;
  stdout.destroy(new Error('EPIPE'));
  await new Promise((resolve) => setImmediate(resolve));
  signals.emit('SIGTERM');
  t.equal(await exit, 0);
});

t.test('a signal calls off a start that takes long, which is no failure', async (t) => {
  const { stdout, stderr, signals, exit } = serverRun({
    start: ({ stop }) =>
      new Promise((_, reject) => stop.addEventListener('abort', () => reject(new Error('called off')))),
  });
  signals.emit('SIGTERM');
  t.equal(await exit, 0);
  t.equal(stdout.text, '');
  t.equal(stderr.text, '');
});

t.test('a server program runs until a signal, and closes', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    const { stdout, stderr, signals, closed, exit, started } = serverRun({
      argv: ['1', '2', '--extra', 'x'],
    });
    t.match(await started, { positionals: ['1', '2'], host: '127.0.0.1', values: { extra: 'x' } });
    signals.emit(signal);
    t.equal(await exit, 0);
    t.same([stdout.text, stderr.text, closed], ['listening on here:1\n', '', ['closed']]);
    t.same(signals.eventNames(), [], 'no listener is left');
  }
});

t.test('a server that cannot finish what is in hand at a signal has failed', async (t) => {
  const { stderr, signals, exit } = serverRun({
    start: async () => ({
      address: 'here:1',
      close: async () => {
        throw new TableError('INTERNAL', 'writes are lost');
      },
    }),
  });
  await new Promise((resolve) => setImmediate(resolve));
  signals.emit('SIGTERM');
  t.equal(await exit, 1);
  t.equal(stderr.text, 'server: writes are lost\n');
});

t.test('a server program says in one line what is wrong', async (t) => {
  const usageErrors: [string[], string][] = [
    [[], 'server: port is missing\nusage: server\n'],
    [['1'], 'server: lists is missing\nusage: server\n'],
    [['1', '2', '3'], 'server: one argument too many: "3"\nusage: server\n'],
    [['1', '2', '--bogus'], "server: Unknown option '--bogus'\nusage: server\n"],
  ];
  for (const [argv, text] of cases(t, usageErrors)) {
    const { stderr, exit } = serverRun({ argv });
    t.equal(await exit, 2);
    t.equal(stderr.text, text);
  }
  const failing = serverRun({
    start: async () => {
      throw new TableError('BAD_REQUEST', 'port taken');
    },
  });
  t.equal(await failing.exit, 1);
  t.equal(failing.stderr.text, 'server: port taken\n');
  const help = serverRun({ argv: ['--help'] });
  t.equal(await help.exit, 0);
  t.equal(help.stdout.text, 'usage: server\n');
});

t.test('a server that cannot go on ends its program with 1', async (t) => {
  const closed: string[] = [];
  const { stderr, exit } = serverRun({
    start: async () => ({
      address: 'here:1',
      close: async () => void closed.push('closed'),
      failed: Promise.resolve(new Error('the chain is another one')),
    }),
  });
  t.equal(await exit, 1);
  t.same([stderr.text, closed], ['server: the chain is another one\n', ['closed']]);
});
