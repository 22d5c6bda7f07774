import { PassThrough, Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { TableError } from '@tablelab/shared';
import { eventually, TextSink } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { readLines } from '../src/terminal/lines.ts';
import { openPrompt } from '../src/terminal/prompt.ts';

async function linesOf(chunks: (string | Buffer)[], lineBytesMax = 100): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLines(Readable.from(chunks, { objectMode: true }), { lineBytesMax })) {
    lines.push(line instanceof TableError ? line.code : line.toString('latin1'));
  }
  return lines;
}

t.test('lines end with LF or CR LF, the last one optionally, in pieces of any size', async (t) => {
  t.same(await linesOf(['one\ntwo\r\n\nth', 'r', 'ee\nfour']), ['one', 'two', '', 'three', 'four']);
  t.same(await linesOf(['a\r', '\nb\r']), ['a', 'b']);
  t.same(await linesOf([]), []);
  t.same(
    await linesOf([Buffer.from([0xff, 0, 10, 0xc3])]),
    ['\xff\0', '\xc3'],
    'bytes that are no text stay',
  );
});

t.test('a byte-order mark before the first line is no part of it', async (t) => {
  const mark = '\ufeff';
  t.same(await linesOf([`${mark}put k v\nget k`]), ['put k v', 'get k']);
  t.same(await linesOf([Buffer.from(mark).subarray(0, 2), Buffer.from(mark).subarray(2), 'a\n']), ['a']);
  const later = Buffer.from(`${mark}b`).toString('latin1');
  t.same(await linesOf([`a\n${mark}b`]), ['a', later], 'elsewhere it is text');
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

/** A simulated terminal. */
function person(complete: (line: string) => Promise<string[]> = async () => []) {
  const input = new PassThrough();
  const output = new TextSink();
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

t.test('a prompt has editing and a history, and ends with the input', async (t) => {
  const { input, output, lines, done } = person();
  input.write(`helo${backspace}lo${enter}`);
  input.write(`${upArrow}!${enter}`);
  input.end();
  await done;
  t.same(lines, ['hello', 'hello!']);
  t.match(output.text, /> /);
  t.equal(output.text.at(-1), '\n', 'what comes next begins a line');
});

t.test('Ctrl-D and Ctrl-C end a prompt, Ctrl-C as an interruption', async (t) => {
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
  // Each key gets a turn: a completion is under way while the next one is typed.
  for (const stroke of ['get c', '\t', enter, 'x', '\t', enter]) {
    input.write(stroke);
    await new Promise((resolve) => setImmediate(resolve));
  }
  input.end();
  await done;
  t.same(lines, ['get cart:1', 'x']);
});

t.test('a prompt keeps the mode of its terminal, and stops reading when too much input waits', async (t) => {
  const raw: boolean[] = [];
  const input = Object.assign(new PassThrough(), { setRawMode: (on: boolean) => raw.push(on) });
  const prompt = openPrompt({
    input,
    output: new TextSink(),
    prompt: '> ',
    quitWord: 'quit',
    complete: async () => [],
  });
  const lines = prompt.lines[Symbol.asyncIterator]();
  const first = lines.next();
  input.write('one\r');
  t.equal((await first).value?.toString(), 'one');
  // No line is requested yet: typed text waits, up to a limit.
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
  'the end of the input, Ctrl-D and the quit word are detected while a line is being processed',
  async (t) => {
    for (const asks of ['\x04', 'size\rquit\r', 'size\n\x04', 'end']) {
      const input = new PassThrough();
      const output = new TextSink();
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

/** A simulated terminal that records its modes, with a prompt. */
function suspendable(t: Test, suspend: () => void) {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), { setRawMode: (on: boolean) => modes.push(on) });
  const output = new TextSink();
  const options = { input, output, prompt: '> ', quitWord: 'quit', complete: async () => [], suspend };
  const { lines, notice } = openPrompt(options);
  const iterator = lines[Symbol.asyncIterator]();
  t.teardown(() => iterator.return?.());
  const shows = (text: RegExp) =>
    eventually(() => text.test(stripVTControlCharacters(output.text)), {
      deadlineMs: 10_000,
      what: `${text}`,
    });
  return { input, output, modes, iterator, notice, shows };
}

t.test('Ctrl-Z stops the job in plain mode; afterwards the typed text appears again', async (t) => {
  const modesWhenStopped: (boolean | undefined)[] = [];
  const { input, output, modes, iterator, shows } = suspendable(t, () => {
    modesWhenStopped.push(modes.at(-1));
    output.text = '';
  });
  const first = iterator.next();
  input.write('ge');
  await shows(/> ge/);
  input.write('\x1a');
  await shows(/> ge/);
  t.same(modesWhenStopped, [false], 'the shell gets a terminal in its usual mode');
  t.equal(modes.at(-1), true, 'readline has its mode again');
  input.write(`t${enter}`);
  t.equal((await first).value?.toString(), 'get', 'the prompt hears again');
  // The line is being processed now, and typed text is held.
  input.write('\x1a');
  await eventually(() => modesWhenStopped.length === 2, { deadlineMs: 10_000, what: 'the second stop' });
  t.equal(modes.at(-1), true);
  const second = iterator.next();
  input.write(`size${enter}`);
  t.equal((await second).value?.toString(), 'size', 'Ctrl-Z is no input');
});

t.test('a process that was stopped from outside restores its terminal', async (t) => {
  const { input, output, modes, iterator, shows } = suspendable(t, () => t.fail('nobody pressed Ctrl-Z'));
  const line = iterator.next();
  input.write('siz');
  await shows(/> siz/);
  output.text = '';
  process.emit('SIGCONT');
  await shows(/> siz/);
  t.same(modes.slice(-2), [false, true], 'the mode is set anew');
  input.write(`e${enter}`);
  t.equal((await line).value?.toString(), 'size');
});

t.test('a notice appears above the input line', async (t) => {
  const { input, output, iterator, notice, shows } = suspendable(t, () => undefined);
  const line = iterator.next();
  input.write('get k');
  await shows(/> get k/);
  output.text = '';
  notice('server 1 ended');
  t.match(stripVTControlCharacters(output.text), /^server 1 ended\n/, 'it begins a row that was cleared');
  await shows(/server 1 ended\n> get k$/);
  input.write(enter);
  t.equal((await line).value?.toString(), 'get k');
  output.text = '';
  notice('server 2 ended');
  t.equal(output.text, 'server 2 ended\n', 'while a command runs there is nothing to be kept');
});
