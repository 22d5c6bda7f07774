import { join } from 'node:path';
import { cases } from '@tablelab/shared/testing';
import t from 'tap';
import { loadPart } from '../src/course-file.ts';
import { unstatedNames } from '../src/stated-names.ts';

const root = join(import.meta.dirname, '../..');

t.test('the hand-outs state every name that a graded test imports from its part', async (t) => {
  for (const part of cases(t, [1, 2, 3, 4])) {
    t.same(
      unstatedNames(loadPart(part, root), root).map(({ name, file }) => `${name} (${file})`),
      [],
      `part ${part}`,
    );
  }
});
