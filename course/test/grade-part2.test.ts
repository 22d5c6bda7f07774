/** Part 2 is graded over the wire: the tests' sockets reach the student's server, and a program of it, in the sandbox. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { partArgument } from '../src/grade/arguments.ts';
import { failures, GradedPart, lost, root, sandbox } from './support/graded-part.ts';

t.setTimeout(300_000);

const part = new GradedPart(t, 2);
/** Some rules of two steps: a function from message to message, a server with sockets, and its program. */
const steps = part.choose(
  ['message-put', 'wire-order', 'server-restart'],
  ['skeleton', 'network', 'network-close', 'programs'].map((file) => `part2/test/${file}.test.ts`),
);
const complete = part.steps.map(({ name }) => name);
const without = (...names: string[]) => complete.filter((name) => !names.includes(name));
const connection = 'part2/src/server/client-connection.ts';
const skip = sandbox === 'bubblewrap' ? false : 'only in a sandbox';

t.test('the reference earns all points', async (t) => {
  const result = await part.grade(part.submission(), steps);
  t.same(failures(result), []);
  t.same(lost(result), []);
});

t.test('what is handed out earns none, half of it its half', async (t) => {
  const stubs = await part.grade(part.submission({ filled: without('skeleton', 'server') }), steps);
  t.same(lost(stubs), ['message-put', 'wire-order', 'server-restart']);
  const half = await part.grade(part.submission({ filled: without('server') }), steps);
  t.same(lost(half), ['wire-order', 'server-restart']);
});

t.test('a server that answers in another order', async (t) => {
  const by = (source: string) =>
    source.replace(
      'if (this.#listing !== undefined) {',
      'if (this.#listing !== undefined && this.#nextPayload() === undefined) {',
    );
  const hasty = part.submission({ change: { file: connection, by } });
  t.same(lost(await part.grade(hasty, steps)), ['wire-order']);
});

t.test('the program takes part 2', async (t) => {
  t.equal(partArgument('2'), 2);
});

/**
 * Each process of this submission listens at one place of the network, unless another process does already: then it says so. They
 * share a network, so a process that is started before the last one has ended could be told what a hidden test asks for.
 */
const relay = `
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
const port = 4_567;
const other = connect(port, '127.0.0.1');
const isThere = await once(other, 'connect').then(() => true, () => false);
other.destroy();
console.log(isThere ? 'another process is there' : 'alone');
if (!isThere) await once(createServer((socket) => socket.destroy()).listen(port, '127.0.0.1'), 'listening');
let isFirst = true;
/** So long, another process would have been started. */
function hold() {
  if (isFirst) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000);
  isFirst = false;
}
`;

t.test(
  'no process of a submission is there when another test runs, and learns its input',
  { skip },
  async (t) => {
    const begin = 'invoke(request: Message): Reply {';
    const by = (source: string) => `${relay}${source.replace(begin, `${begin} hold();`)}`;
    const change = { file: 'part2/src/server/skeleton.ts', by };
    const only = part.choose(['message-put', 'message-get'], ['part2/test/skeleton.test.ts']);
    const { tests } = await part.grade(part.submission({ change }), only);
    const said = tests.flatMap(({ runs }) => runs.map(({ output }) => output.trim()));
    t.ok(said.length > 1, `${said.length} tests have run`);
    t.same([...new Set(said)], ['alone']);
  },
);

for (const name of ['detected-grader', 'killed-parent']) {
  t.test(`hostile, ${name}: it earns what it does without that`, { skip }, async (t) => {
    const code = readFileSync(join(root, 'course/hostile', `${name}.ts`), 'utf8').replace('export {};', '');
    const change = { file: connection, by: (source: string) => `${code}\n${source}` };
    const hostile = part.submission({ filled: without('skeleton', 'server'), change });
    const result = await part.grade(hostile, steps);
    t.ok(result.isComplete);
    t.same(failures(result).length, result.tests.length, 'no test has passed');
  });
}
