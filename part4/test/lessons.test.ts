/** Each lesson, played to its end in the simulator: its steps come true, and the right choice is what happens. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { must } from '@tablelab/shared';
import t from 'tap';
import { check } from '../linearizability/index.ts';
import { editListFrom } from '../sim/directed/edit-list.ts';
import { runEdits } from '../sim/directed/run-edits.ts';
import { holds } from '../sim/lessons/condition.ts';
import { lessons } from '../sim/lessons/index.ts';
import type { Lesson, Text } from '../sim/lessons/lesson.ts';
import { LessonRun } from '../sim/lessons/lesson-run.ts';
import type { CoreClass } from '../sim/server.ts';
import type { ChainCore } from '../src/core/chain-core.ts';
import { loadWith } from './mutants/load-mutant.ts';
import { mutants } from './mutants/mutants.ts';

/** The lesson's own, and others, so that a lesson does not depend on lucky delays. */
const otherSeeds = [2, 3, 4, 5];

async function played(lesson: Lesson, Core?: CoreClass): Promise<LessonRun> {
  const run = new LessonRun(lesson, Core === undefined ? {} : { Core });
  await run.begin();
  await run.playToTheEnd();
  return run;
}

async function coreOf({ mutant: name }: Lesson): Promise<CoreClass | undefined> {
  if (name === undefined) return undefined;
  const mutant = must(
    mutants.find((one) => one.name === name),
    `there is a mutant called ${name}`,
  );
  type Module = { readonly ChainCore: typeof ChainCore };
  return (await loadWith<Module>(mutant, 'src/core/chain-core.ts')).ChainCore;
}

function textsIn({ title, steps }: Lesson): Text[] {
  return [
    title,
    ...steps.flatMap(({ text, question }) => {
      if (question === undefined) return [text];
      return [text, question.text, ...question.choices.map((choice) => choice.text), question.reason];
    }),
  ];
}

for (const lesson of lessons) {
  t.test(`lesson ${lesson.name}`, async (t) => {
    const Core = await coreOf(lesson);
    for (const seed of [lesson.seed, ...otherSeeds]) {
      const { played: steps, broken } = await played({ ...lesson, seed }, Core);
      for (const [index, step] of steps.entries()) {
        const what = `seed ${seed}, step ${index + 1}`;
        t.ok(step.isReached, `${what} is reached, after ${Math.round(step.tookMs)} ms`);
        t.same(step.refusals, [], `${what}: its actions are carried out`);
        if (step.choices.length > 0) {
          t.equal(step.choices.filter(Boolean).length, 1, `${what}: one choice is what happens`);
          t.equal(step.choices.indexOf(true), rightChoice(lesson), `${what}: the same for every seed`);
        }
      }
      if (Core === undefined) t.equal(broken, undefined, `seed ${seed}: no rule is broken`);
    }
  });
}

/** The choice of a lesson's question that is right, in the order of {@link lessons}. */
const rightChoices: Readonly<Record<string, number>> = {
  committed: 2,
  'tail-executes-last': 1,
  'crash-in-the-middle': 1,
  'order-across-reconnects': 1,
  'repeat-at-the-new-head': 0,
  'verify-after-failover': 2,
  'empty-joiner': 2,
  'paused-tail': 0,
  'old-head': 1,
  'without-zookeeper': 2,
  'total-failure': 1,
  'mistake-no-handover': 1,
  'mistake-nothing-is-resent': 1,
  'mistake-repeated-write': 0,
  'mistake-own-numbers': 0,
  'mistake-no-lease': 2,
};

function rightChoice({ name }: Lesson): number {
  return must(rightChoices[name], `${name} has a right choice`);
}

t.test('what breaks with the core of a mutant does not happen with the right core', async (t) => {
  for (const lesson of lessons.filter(({ mutant }) => mutant !== undefined)) {
    const { played: steps, broken } = await played(lesson);
    const { choices } = must(
      steps.find((step) => step.choices.length > 0),
      'a lesson has a question',
    );
    t.equal(broken, undefined, lesson.name);
    t.notOk(choices[rightChoice(lesson)], `${lesson.name}: the mistake`);
  }
});

t.test('without leases, or without HANDOVER, the clients’ answers fit no order', async (t) => {
  for (const [name, rule] of [
    ['mistake-no-lease', /both answer reads/],
    ['mistake-no-handover', /answers? reads/],
  ] as const) {
    const lesson = must(
      lessons.find((one) => one.name === name),
      'it is there',
    );
    const broken = await played(lesson, await coreOf(lesson));
    t.equal(check(broken.run.recorder.operations).verdict, 'not-linearizable', name);
    t.match(broken.broken, rule);
    const right = await played(lesson);
    t.equal(check(right.run.recorder.operations).verdict, 'linearizable', name);
  }
});

t.test('a lesson has three to eight steps, and a question with two to four choices', (t) => {
  for (const { name, steps } of lessons) {
    t.ok(steps.length >= 3 && steps.length <= 8, `${name} has ${steps.length} steps`);
    const questions = steps.flatMap(({ question }) => question ?? []);
    t.equal(questions.length, 1, `${name} has ${questions.length} questions`);
    const [question] = questions;
    const choices = question?.choices.length ?? 0;
    t.ok(choices >= 2 && choices <= 4, `${name} has ${choices} choices`);
    for (const { highlight } of steps) t.ok(highlight.length > 0, `${name} shows something in each step`);
  }
  t.equal(new Set(lessons.map(({ name }) => name)).size, lessons.length, 'names are unique');
  t.end();
});

t.test('every text is there in both languages', (t) => {
  for (const lesson of lessons) {
    for (const { en, pt } of textsIn(lesson)) {
      t.match(en, /\S.*[^\s]$/, lesson.name);
      t.match(pt, /\S.*[^\s]$/, lesson.name);
      // A value or the name of an error is the same in both.
      if (!/^"?\w+"?\.$/.test(en)) t.not(en, pt, `${lesson.name}: ${en}`);
      const codes = (text: string) => (text.match(/\b[A-Z][A-Z_]{2,}\b|\bs\d\b|"\w+"/g) ?? []).sort();
      t.same(new Set(codes(pt)), new Set(codes(en)), `${lesson.name}: the same names and values: ${en}`);
    }
  }
  t.end();
});

t.test('each of the ten scenarios has its lesson, and every anchor leads to the hand-out', (t) => {
  const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => {
    return heading
      .toLowerCase()
      .replaceAll(/[^\w ]/g, '')
      .replaceAll(' ', '-');
  });
  for (const { name, anchor } of lessons) {
    t.ok(text.includes(`<a id="${anchor}"></a>`) || headings.includes(anchor), `${name}: ${anchor}`);
  }
  const anchors = lessons.map(({ anchor }) => anchor);
  for (let scenario = 1; scenario <= 10; scenario += 1) {
    t.equal(anchors.filter((anchor) => anchor === `scenario-${scenario}`).length, 1, `scenario ${scenario}`);
  }
  t.end();
});

t.test('what is highlighted is there: machines, and paths between them', async (t) => {
  for (const lesson of lessons) {
    const { run } = await played(lesson, await coreOf(lesson));
    const hosts = Array.from({ length: run.cluster.places }, (_, place) => `s${place}`);
    const known = [...hosts, ...run.cluster.hosts];
    for (const { highlight } of lesson.steps) {
      for (const shown of highlight) {
        for (const host of typeof shown === 'string' ? [shown] : [shown.from, shown.to]) {
          t.ok(known.includes(host), `${lesson.name}: ${host}`);
        }
      }
    }
  }
});

t.test('a write whose epoch is not named has its number alone in the trace', async (t) => {
  const lesson = must(
    lessons.find(({ name }) => name === 'mistake-own-numbers'),
    'it is there',
  );
  const { lines } = (await played(lesson)).run.world;
  t.ok(lines.some((line) => /^\S+ ana call \d+ verify 2$/.test(line)));
});

t.test('a lesson gives the same run twice, and its edits repeat it in the playground', async (t) => {
  for (const lesson of lessons.filter(({ mutant }) => mutant === undefined)) {
    const [one, other] = [await played(lesson), await played(lesson)];
    t.equal(one.run.world.hash, other.run.world.hash, lesson.name);
    t.same(editListFrom(JSON.stringify(one.edits)), one.edits, `${lesson.name}: they are a list of edits`);
    const again = await runEdits({ seed: lesson.seed, edits: one.edits, keepsTrace: true });
    const lines = one.run.world.lines;
    t.ok(lines.length > 50);
    t.same(again.trace.slice(0, lines.length), lines, `${lesson.name}: the edits come to the same`);
  }
});

t.test('a step whose condition does not come is not reached', async (t) => {
  const lesson = must(lessons[0], 'there are lessons');
  const [first] = lesson.steps;
  const never = { is: 'entry', server: 's0', key: 'a', value: 'never' } as const;
  const run = new LessonRun({ ...lesson, steps: [{ ...must(first, 'it has steps'), until: never }] });
  await run.begin();
  const { isReached, tookMs } = await run.playStep();
  t.notOk(isReached);
  t.equal(tookMs, 5_000, 'within its limit');
});

t.test('conditions tell what is so from what is not', async (t) => {
  const lesson = must(lessons[0], 'there are lessons');
  const { run } = await played(lesson);
  run.hands.perform({ do: 'kill', server: 's1' });
  run.hands.perform({ do: 'pause', server: 's2' });
  const situation = { run, stepAtMs: run.world.now - 10, broken: 'a rule of the chain' };
  const cases = [
    [{ is: 'quiet' }, false],
    [{ is: 'passed', ms: 10 }, true],
    [{ is: 'passed', ms: 11 }, false],
    [{ is: 'answered', call: 'write' }, true],
    [{ is: 'answered', call: 'none' }, false],
    [{ is: 'answer', call: 'read', text: 'value new' }, true],
    [{ is: 'answer', call: 'read', text: 'value old' }, false],
    [{ is: 'server', server: 's0', fact: 'head' }, true],
    [{ is: 'server', server: 's0', fact: 'tail' }, false],
    [{ is: 'server', server: 's0', fact: 'taking-writes' }, true],
    [{ is: 'server', server: 's1', fact: 'running' }, false],
    [{ is: 'server', server: 's2', fact: 'running' }, true],
    [{ is: 'server', server: 's2', fact: 'paused' }, true],
    [{ is: 'server', server: 's0', fact: 'paused' }, false],
    [{ is: 'server', server: 's2', fact: 'serving-reads' }, false],
    [{ is: 'entry', server: 's0', key: 'a', value: 'new' }, true],
    [{ is: 'entry', server: 's0', key: 'a' }, false],
    [{ is: 'entry', server: 's0', key: 'b' }, true],
    [{ is: 'entry', server: 's1', key: 'a', value: 'new' }, false],
    [{ is: 'puts', server: 's0', values: ['old', 'new'] }, true],
    [{ is: 'puts', server: 's0', values: ['new', 'old'] }, false],
    [{ is: 'under-way', from: 's0', to: 's1', type: 'snapshot' }, false],
    [{ is: 'in-chain', servers: 3 }, true],
    [{ is: 'joining', servers: 1 }, false],
    [{ is: 'handled', server: 's0', event: 'write \\d+ put', times: 2 }, true],
    [{ is: 'handled', server: 's0', event: 'write \\d+ put', times: 3 }, false],
    [{ is: 'broken', rule: 'of the' }, true],
    [{ is: 'broken', rule: 'no such' }, false],
    [{ is: 'all', of: [{ is: 'joining', servers: 0 }, { is: 'quiet' }] }, false],
    [{ is: 'any', of: [{ is: 'joining', servers: 0 }, { is: 'quiet' }] }, true],
    [{ is: 'not', of: { is: 'quiet' } }, true],
  ] as const;
  for (const [condition, isSo] of cases) {
    t.equal(holds(condition, situation), isSo, JSON.stringify(condition));
  }
});

/** Imports files, and prints the modules of Node that they and their imports need. */
const listNodeModules = `
  import { registerHooks } from 'node:module';
  const found = new Set();
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      if (resolved.url.startsWith('node:')) found.add(resolved.url);
      return resolved;
    },
  });
  for (const file of process.argv.slice(1)) await import(file);
  console.log([...found].join(' '));
`;

t.test('lessons and directed runs need nothing of Node that a browser cannot be given', (t) => {
  const files = ['directed/run-edits.ts', 'lessons/index.ts', 'lessons/lesson-run.ts', 'message-content.ts'];
  const urls = files.map((file) => new URL(`../sim/${file}`, import.meta.url).href);
  const script = ['--input-type=module', '--eval', listNodeModules, ...urls];
  // Without what tap has its children load.
  const options = { encoding: 'utf8', timeout: 25_000 } as const;
  const { stdout, stderr } = spawnSync('env', ['-u', 'NODE_OPTIONS', process.execPath, ...script], options);
  t.equal(stdout.trim(), 'node:zlib', stderr);
  t.end();
});
