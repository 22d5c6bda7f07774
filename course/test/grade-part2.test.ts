/** Part 2 is graded over the wire: the tests' sockets reach the student's server, and a program of it, in the sandbox. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import { loadPart, type Step } from '../src/course-file.ts';
import { partArgument } from '../src/grade/arguments.ts';
import { type Grade, grade, stateOf } from '../src/grade/grade.ts';
import { availableSandbox } from '../src/grade/sandbox.ts';
import { layStudentKit } from '../src/grade/student-kit.ts';

const root = join(import.meta.dirname, '../..');
const sandbox = availableSandbox() ?? 'none';
t.setTimeout(300_000);

const folder = mkdtempSync(join(tmpdir(), 'tablelab-grade-part2-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
process.env.XDG_CACHE_HOME = join(folder, 'cache');

const all = loadPart(2, root).steps;
/** Some rules of two steps: a function from message to message, a server with sockets, and its program. */
const steps = [step('skeleton', ['message-put']), step('server', ['wire-order', 'server-restart'])];

function step(name: string, rules: readonly string[]): Step {
  const found = all.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  const used = ['skeleton', 'network', 'network-close', 'programs'].map(
    (file) => `part2/test/${file}.test.ts`,
  );
  return { ...found, rules, tests: found.tests.filter((file) => used.includes(file)) };
}

/** What the student writes: the reference's but for the stubs of some steps, and for a change. */
function submission(name: string, stubs: readonly Step[], change = (source: string) => source): string {
  const [kit, to] = [join(folder, `${name}-kit`), join(folder, name)];
  layStudentKit({ reference: root, part: 'part2', steps: stubs, submission: { files: new Map() }, to: kit });
  for (const { write } of steps) {
    for (const { file } of write) {
      mkdirSync(dirname(join(to, file)), { recursive: true });
      cpSync(join(kit, file), join(to, file));
    }
  }
  const connection = join(to, 'part2/src/server/client-connection.ts');
  writeFileSync(connection, change(readFileSync(connection, 'utf8')));
  return to;
}

const gradeIt = (from: string) =>
  grade({ part: 'part2', steps, reference: root, submission: from, seeds: [1], sandbox });
const lost = ({ steps }: Grade) =>
  steps.flatMap(({ rules }) => rules.filter(({ state }) => state !== 'passed').map(({ anchor }) => anchor));

t.test('the reference earns all points', async (t) => {
  const result = await gradeIt(submission('reference', []));
  t.same(
    result.tests.filter((test) => stateOf(test) !== 'passed').map(({ name, runs }) => ({ name, runs })),
    [],
  );
  t.same(lost(result), []);
});

t.test('what is handed out earns none, half of it its half', async (t) => {
  t.same(lost(await gradeIt(submission('stubs', steps))), ['message-put', 'wire-order', 'server-restart']);
  t.same(lost(await gradeIt(submission('half', steps.slice(1)))), ['wire-order', 'server-restart']);
});

t.test('a server that answers in another order', async (t) => {
  const hasty = submission('hasty', [], (source) =>
    source.replace(
      'if (this.#listing !== undefined) {',
      'if (this.#listing !== undefined && this.#nextPayload() === undefined) {',
    ),
  );
  t.same(lost(await gradeIt(hasty)), ['wire-order']);
});

t.test('the program takes part 2', async (t) => {
  t.equal(partArgument('2'), 2);
});

for (const name of ['detected-grader', 'killed-parent']) {
  t.test(
    `hostile, ${name}: it earns what it does without that`,
    { skip: sandbox === 'bubblewrap' ? false : 'only in a sandbox' },
    async (t) => {
      const code = readFileSync(join(root, 'course/hostile', `${name}.ts`), 'utf8').replace('export {};', '');
      const result = await gradeIt(submission(name, steps, (source) => `${code}\n${source}`));
      t.ok(result.isComplete);
      t.same(
        result.tests.filter((test) => stateOf(test) === 'passed').map((test) => test.name),
        [],
      );
    },
  );
}
