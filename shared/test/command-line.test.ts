import { EventEmitter } from 'node:events';
import fs, { closeSync, openSync, readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { TableError } from '@tablelab/shared';
import {
  integerArgument,
  LineOutput,
  parseArguments,
  type RunningServer,
  runServerProgram,
  type ServerArguments,
  UsageError,
} from '@tablelab/shared/command-line';
import { cases, TextSink } from '@tablelab/shared/testing';
import t from 'tap';
import { FileOutput } from '../src/command-line/output.ts';

t.test('a whole number in the range is accepted, everything else is a UsageError', async (t) => {
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

t.test('options and positional arguments are separated; an unknown option is a UsageError', async (t) => {
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

t.test('after a number of arguments a single dash begins no option', async (t) => {
  const options = {
    json: { type: 'boolean' },
    file: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  const parse = (...argv: string[]) => parseArguments(argv, options, { plainAfter: 2 });
  t.match(parse('h:1', 'put', 'k', '-5', '--json', '-abc', '-h', '-'), {
    positionals: ['h:1', 'put', 'k', '-5', '-abc', '-h', '-'],
    values: { json: true },
  });
  t.match(parse('h:1', '--file', 'f', 'put', '-h'), {
    positionals: ['h:1', 'put', '-h'],
    values: { file: 'f' },
  });
  t.match(parse('h:1', 'put', '--file=f', '--', '--json'), {
    positionals: ['h:1', 'put', '--json'],
    values: { file: 'f' },
  });
  t.match(parse('h:1', '-h', 'put').values, { help: true }, 'before them it does');
  for (const argv of cases(t, [
    ['h:1', '-5', 'put'],
    ['h:1', 'put', '--bogus'],
    ['h:1', 'put', '--json=1'],
    ['--file'],
  ])) {
    t.throws(() => parse(...argv), UsageError, argv.join(' '));
  }
});

const readerGone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
const diskFull = Object.assign(new Error('no space left'), { code: 'ENOSPC' });

/** A stream that takes `lines` lines and then fails. */
function failing(error: Error, lines = 0) {
  let taken = 0;
  return new Writable({
    write(_chunk, _encoding, done) {
      taken += 1;
      done(taken > lines ? error : null);
    },
  });
}

t.test('LineOutput: a reader that has gone is not a failure, a full disk is one', async (t) => {
  const sink = new TextSink();
  const output = new LineOutput(sink);
  await output.print('a');
  t.same([sink.text, output.ended, output.failure], ['a\n', false, undefined]);
  const gone = new LineOutput(failing(readerGone, 1));
  await gone.print('a');
  t.equal(gone.ended, false);
  await gone.print('b');
  t.same([gone.ended, gone.failure], [true, undefined]);
  await gone.print('c');
  const full = new LineOutput(failing(diskFull, 1));
  await full.print('a');
  await full.print('b');
  t.equal(full.ended, true, 'as soon as the print that failed is over');
  t.match(full.failure, { message: 'cannot write the output: no space left' });
});

t.test('all of an output reaches its file, however little the system takes at a time', async (t) => {
  const file = join(t.testdir(), 'out');
  const fd = openSync(file, 'w');
  t.teardown(() => closeSync(fd));
  const write = fs.writeSync;
  // Like a disk that is nearly full: it accepts a part, and then reports that there is no room.
  let room = 8;
  const cut = (fd: number, bytes: Uint8Array) => {
    if (room === 0) throw diskFull;
    const taken = Math.min(3, room, bytes.length);
    room -= taken;
    return write(fd, bytes, 0, taken);
  };
  t.teardown(restored(fs, 'writeSync', cut));
  const output = new LineOutput(new FileOutput(fd));
  await output.print('1234');
  t.equal(output.failure, undefined);
  await output.print('5678');
  t.match(output.failure, { message: 'cannot write the output: no space left' }, 'the last part is missing');
  t.equal(readFileSync(file, 'utf8'), '1234\n567');
});

/** Replaces a function of Node; returns a function that restores it. */
function restored(module: object, name: string, replacement: unknown): () => void {
  const original = Reflect.get(module, name);
  const set = (value: unknown) => {
    Reflect.set(module, name, value);
    syncBuiltinESMExports();
  };
  set(replacement);
  return () => set(original);
}

t.test('a server continues without its output; help that cannot be written is a failure', async (t) => {
  for (const [error, text] of cases(t, [
    [readerGone, ''],
    [diskFull, 'server: cannot write the output: no space left\n'],
  ] as const)) {
    const { stderr, signals, exit, started } = serverRun({ stdout: failing(error) });
    await started;
    await new Promise((resolve) => setImmediate(resolve));
    signals.emit('SIGTERM');
    t.equal(await exit, 0);
    t.equal(stderr.text, text);
  }
  const help = serverRun({ argv: ['--help'], stdout: failing(diskFull) });
  t.equal(await help.exit, 1);
});

t.test('a log that cannot be written ends no server', async (t) => {
  const { stderr, signals, exit, started } = serverRun();
  await started;
  stderr.destroy(diskFull);
  await new Promise((resolve) => setImmediate(resolve));
  signals.emit('SIGTERM');
  t.equal(await exit, 0);
});

interface Run {
  stdout?: Writable;
  argv?: string[];
  start?: (args: ServerArguments) => Promise<RunningServer>;
}

function serverRun({ argv = ['1', '2'], start, ...streams }: Run = {}) {
  const text = new TextSink();
  const stdout = streams.stdout ?? text;
  const stderr = new TextSink();
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
  return { stdout: text, stderr, signals, closed, exit, started: started.promise };
}

t.test('an empty host is refused, and a reader that has gone away is no failure', async (t) => {
  const empty = serverRun({ argv: ['1', '2', '--host', ''] });
  t.equal(await empty.exit, 2);
  t.match(empty.stderr.text, /--host is an address/);
  const { stdout, signals, exit, started } = serverRun();
  await started;
  stdout.destroy(readerGone);
  await new Promise((resolve) => setImmediate(resolve));
  signals.emit('SIGTERM');
  t.equal(await exit, 0);
});

t.test('a signal cancels a slow start, which is no failure', async (t) => {
  const { stdout, stderr, signals, exit } = serverRun({
    start: ({ stop }) =>
      new Promise((_, reject) => stop.addEventListener('abort', () => reject(new Error('cancelled')))),
  });
  signals.emit('SIGTERM');
  t.equal(await exit, 0);
  t.equal(stdout.text, '');
  t.equal(stderr.text, '');
});

t.test('a server program runs until a signal, then closes the server', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']) {
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

t.test('a server that cannot finish its work in progress after a signal has failed', async (t) => {
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

t.test('a server program reports an error in one line', async (t) => {
  const usageErrors: [string[], string][] = [
    [[], 'usage: server\n\nserver: port is missing\n'],
    [['1'], 'usage: server\n\nserver: lists is missing\n'],
    [['1', '2', '3'], 'usage: server\n\nserver: unexpected argument: "3"\n'],
    [['1', '2', '--bogus'], "usage: server\n\nserver: Unknown option '--bogus'\n"],
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

t.test('a server that cannot continue ends its program with exit code 1', async (t) => {
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
