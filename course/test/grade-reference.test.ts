/** The reference earns all points of all steps, judged as a submission is. Other tests grade some rules of a part, for their time. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { loadPart } from '../src/course-file.ts';
import { measureReference } from '../src/grade/grade.ts';
import { root, sandbox } from './support/graded-part.ts';

t.setTimeout(1_200_000);

const cache = mkdtempSync(join(tmpdir(), 'tablelab-reference-'));
t.teardown(() => rmSync(cache, { recursive: true, force: true }));
process.env.XDG_CACHE_HOME = cache;

for (const number of [1, 2, 3, 4]) {
  t.test(`part ${number}: the reference earns all points`, async (t) => {
    const { steps } = loadPart(number, root);
    const measured: string[] = [];
    const onLine = (line: string) => measured.push(line);
    await measureReference({ reference: root, part: `part${number}`, steps, seeds: [1], sandbox, onLine });
    t.not(measured.length, 0, 'it was measured here and now');
  });
}
