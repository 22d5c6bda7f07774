/** A student who builds the steps in their order has the points of each as soon as it is done: the rest of `course:check` tries all. */
import { join } from 'node:path';
import t from 'tap';
import { firstStepsProblems } from '../src/check/handout-checks.ts';
import { loadPart } from '../src/course-file.ts';

const root = join(import.meta.dirname, '../..');
// Graded tests of a part are run each time.
t.setTimeout(240_000);

t.test('the first steps earn their points before the later ones are done', async (t) => {
  t.same(await firstStepsProblems(root, loadPart(1, root), 3), [], 'part 1, up to the table');
  t.same(await firstStepsProblems(root, loadPart(4, root), 3), [], 'part 4, up to the writes');
});

t.test('a step that needs a later one is named with its rule', async (t) => {
  const course = loadPart(1, root);
  const steps = course.steps.map((step) => ({
    ...step,
    write: step.write.map((written) => ({ ...written, atFirst: {} })),
  }));
  t.match(await firstStepsProblems(root, { ...course, steps }, 3), [
    /table-put-replaces is not earned although the step is done: .*yours to write: Table\.#addList/,
    /table-key is not earned/,
    /table-map is not earned/,
  ]);
});

t.test('a rule that is earned before its step is done is named', async (t) => {
  const course = loadPart(1, root);
  const [entries, ...others] = course.steps;
  if (entries === undefined) throw new Error('no step');
  // Nothing of the first step is left to write.
  const write = entries.write.map((written) => ({ ...written, members: [] }));
  const steps = [{ ...entries, write }, ...others];
  t.same(await firstStepsProblems(root, { ...course, steps }, 0), [
    'data-duplicate is earned before its step is done',
    'entry-duplicate is earned before its step is done',
  ]);
});
