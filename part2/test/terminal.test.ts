import { PassThrough, Readable, Writable } from 'node:stream';
import { TableError } from '@tablelab/shared';
import { eventually, TextSink } from '@tablelab/shared/testing';
import t from 'tap';
import { readLines } from '../src/terminal/lines.ts';
import { LineOutput } from '../src/terminal/output.ts';
import { openPrompt } from '../src/terminal/prompt.ts';

async function linesOf(chunks: (string | Buffer)[], lineBytesMax = 100): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLines(Readable.from(chunks, { objectMode: true }), { lineBytesMax })) {
    lines.push(line instanceof TableError ? line.code : line.toString('latin1'));
  }
  return lines;
}

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
  const sink = new TextSink();
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
    output: new TextSink(),
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
