/** The client's `watch` (part4/README.md#operate-client). */
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { type CommandOutput, runTableClient } from '@tablelab/part2';
import { must, TableError } from '@tablelab/shared';
import { eventually, TextSink, withDeadline } from '@tablelab/shared/testing';
import t from 'tap';
import { watchCommand } from '../src/client/watch-command.ts';
import { bytes, connectTable, startChain, startClient } from './support/chain-programs.ts';
import { testTimeoutMs } from './support/fault-test.ts';

t.setTimeout(testTimeoutMs);

const deadlineMs = 30_000;

t.test(
  'watch shows each change, and goes on when another server becomes the tail (part4/README.md#operate-client)',
  async (t) => {
    const { zookeeper, chain } = await startChain(t, 3);
    const table = await connectTable(t, zookeeper);
    const client = startClient(zookeeper, 'watch', 'cart:1');
    t.teardown(() => client.stop());
    const data = startClient(zookeeper, '--json', 'watch', 'cart:1', '3');
    t.teardown(() => data.stop());
    await client.waitForLine(/^\d{4}-\d\d-\d\dT\S+Z cart:1: key not found$/, deadlineMs);
    await data.waitForLine(/"found":false/, deadlineMs);
    await table.put('cart:1', bytes('two words'));
    await client.waitForLine(/ cart:1: two words$/, deadlineMs);
    await data.waitForLine(/"text":"two words"/, deadlineMs);

    must(chain[2], 'there are three').program.kill('SIGKILL');
    await table.put('cart:1', bytes('two words'));
    await table.put('cart:1', new Uint8Array([0xff, 0]));
    await client.waitForLine(/ cart:1: <2 bytes: ff00>$/, deadlineMs);
    t.strictSame(await withDeadline(data.exited, deadlineMs, 'the end'), { code: 0, signal: null });
    const lines = data.stdoutLines.map((line) => JSON.parse(line) as { at: string });
    t.match(lines, [
      { command: 'watch', key: 'cart:1', found: false },
      { command: 'watch', key: 'cart:1', found: true, text: 'two words' },
      { command: 'watch', key: 'cart:1', found: true, base64: '/wA=' },
    ]);
    t.ok(
      lines.every(({ at }) => new Date(at).toISOString() === at),
      'with the time of each',
    );
    t.equal(client.stdoutLines.length, 3, 'a put of the same value is no change');
    client.kill('SIGINT');
    t.equal((await withDeadline(client.exited, deadlineMs, 'the end')).signal, 'SIGINT');

    for (const [words, error] of [
      [['watch'], 'usage: watch <key> [count]'],
      [['watch', 'a', '0'], 'the count is a whole number from 1 to 1000000, not "0"'],
      [['watch', 'a', 'b', 'c'], 'usage: watch <key> [count]'],
    ] as const) {
      const wrong = startClient(zookeeper, ...words);
      t.not((await withDeadline(wrong.exited, deadlineMs, 'the end')).code, 0);
      t.match(wrong.stderrLines.join('\n'), error);
    }
  },
);

function outputFor(shown: string[], warned: string[] = []) {
  const stop = new AbortController();
  const output: CommandOutput = {
    show: async ({ text }) => {
      shown.push(text.replace(/^\S+ /, ''));
      return true;
    },
    warn: async (text) => void warned.push(text),
    stop: stop.signal,
  };
  return { stop, output };
}

const args = (...words: string[]) => ({ words, data: new Uint8Array(0) });

t.test('watch asks at most ten times a second (part4/README.md#operate-client)', async (t) => {
  const shown: string[] = [];
  const asked: number[] = [];
  const table = {
    get: async () => {
      asked.push(performance.now());
      return bytes(asked.length > 5 ? 'new' : 'old');
    },
  };
  await watchCommand.run(table, args('a', '2'), outputFor(shown).output);
  t.strictSame(shown, ['a: old', 'a: new']);
  t.equal(asked.length, 6);
  // A timer may be a millisecond early.
  t.ok(must(asked[5], 'asked') - must(asked[0], 'asked') >= 5 * 99, asked.join(' '));
});

t.test('watch goes on after a deadline, and says so once (part4/README.md#operate-client)', async (t) => {
  const [shown, warned]: [string[], string[]] = [[], []];
  let asked = 0;
  const table = {
    get: async () => {
      asked += 1;
      if (asked <= 3) throw new TableError('TIMEOUT', 'no server answers');
      return undefined;
    },
  };
  await watchCommand.run(table, args('a', '1'), outputFor(shown, warned).output);
  t.strictSame(warned, ['TIMEOUT: no server answers; still watching']);
  t.strictSame(shown, ['a: key not found']);
  const failing = { get: () => Promise.reject(new TableError('BAD_REQUEST', 'no such key can be')) };
  await t.rejects(watchCommand.run(failing, args('a'), outputFor([]).output), { code: 'BAD_REQUEST' });
});

t.test('on a terminal, Enter ends it, and so does quit (part4/README.md#operate-client)', async (t) => {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const stdout = Object.assign(new TextSink(), { isTTY: true });
  const stderr = new TextSink();
  let value = 'one';
  const ended = runTableClient({
    name: 'table-client',
    addressName: '<address>',
    connect: async () => ({ get: async () => bytes(value) }),
    disconnect: async () => undefined,
    commands: [watchCommand],
    getKeys: async () => [],
    argv: ['here:1'],
    stdin,
    stdout,
    stderr,
  });
  const seen = (pattern: RegExp) =>
    eventually(() => pattern.test(stripVTControlCharacters(stdout.text)), {
      deadlineMs,
      what: `${pattern} on the terminal`,
    });
  await seen(/here:1> $/);
  stdin.write('watch a\r');
  await seen(/ a: one\n/);
  value = 'two';
  await seen(/ a: two\n/);
  stdout.text = '';
  stdin.write('\r');
  await seen(/here:1> /);
  stdin.write('watch b\r');
  await seen(/ b: two\n/);
  stdin.write('quit\r');
  t.equal(await withDeadline(ended, deadlineMs, 'the end'), 0);
  t.equal(stderr.text, '');
});
