import { EventEmitter } from 'node:events';
import { TableError } from '@tablelab/shared';
import {
  integerArgument,
  parseArguments,
  type RunningServer,
  runServerProgram,
  type ServerArguments,
  UsageError,
} from '@tablelab/shared/command-line';
import { cases, TextSink } from '@tablelab/shared/testing';
import t from 'tap';

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

interface Run {
  argv?: string[];
  start?: (args: ServerArguments) => Promise<RunningServer>;
}

function serverRun({ argv = ['1', '2'], start }: Run = {}) {
  const stdout = new TextSink();
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
    [[], 'server: port is missing\nusage: server\n'],
    [['1'], 'server: lists is missing\nusage: server\n'],
    [['1', '2', '3'], 'server: unexpected argument: "3"\nusage: server\n'],
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
