import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { deadlineMs } from '@tablelab/part2/testing';
import { cases, eventually, withDeadline } from '@tablelab/shared/testing';
import t from 'tap';
import { tableClientParts } from '../src/terminal/table-client-parts.ts';
import { bytesOf, program, server } from './client-support.ts';
import { startHoldingServer } from './support.ts';

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
