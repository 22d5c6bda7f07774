import { join } from 'node:path';
import { cases } from '@tablelab/shared/testing';
import t from 'tap';
import { loadPart } from '../src/course-file.ts';
import { baseLinesMax, workloadLines, workloadOf } from '../src/workload.ts';

const root = join(import.meta.dirname, '../..');

t.test('a part asks for no more than its limit: of base steps, and twice that with the bonus', async (t) => {
  for (const part of cases(t, [1, 2, 3, 4])) {
    const course = loadPart(part, root);
    const steps = workloadOf(course, root);
    const sum = (kind?: string) =>
      steps.reduce(
        (total, { step, lines }) => total + (kind === undefined || step.kind === kind ? lines : 0),
        0,
      );
    const max = baseLinesMax[part] ?? 0;
    const text = workloadLines(course, steps).join('\n');
    t.ok(sum('base') > max / 5 && sum('base') <= max, text);
    t.ok(sum() <= 2 * max, text);
    t.same(
      steps.filter(({ lines }) => lines <= 0).map(({ step }) => step.name),
      [],
      'every step has something to write',
    );
  }
});
