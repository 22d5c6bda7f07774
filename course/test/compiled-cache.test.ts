/** The cache of compiled sources that a submission can read: Node keeps whole sources there, so it must have nothing of the solution. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cases } from '@tablelab/shared/testing';
import t from 'tap';
import { loadPart } from '../src/course-file.ts';
import { filledHostCache } from '../src/grade/compiled.ts';
import { filesOf } from '../src/grade/grade.ts';
import { availableSandbox, limitsOf } from '../src/grade/sandbox.ts';
import { layStudentKit } from '../src/grade/student-kit.ts';
import { unitsOf } from '../src/grade/units.ts';

const root = join(import.meta.dirname, '../..');
const skip = availableSandbox() === 'bubblewrap' ? false : 'bubblewrap is not available';
const lineLengthMin = 25;

function linesIn(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length >= lineLengthMin && !/^(\/\/|\*|\/\*)/.test(line));
}

/** Of the hand-out, and of the host that runs it. */
function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

t.test('the cache that a submission can read has no line of the solution', { skip }, async (t) => {
  for (const number of cases(t, [1, 2, 3, 4])) {
    const part = `part${number}`;
    const { steps } = loadPart(number, root);
    const folder = mkdtempSync(join(tmpdir(), 'tablelab-cache-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const kit = join(folder, 'handout');
    layStudentKit({ reference: root, part, steps, submission: { files: new Map() }, to: kit });
    const test = steps[0]?.tests[0] ?? '';
    const [unit] = unitsOf({ part, steps, reference: root }, [{ path: join(root, test), isHidden: false }]);
    if (unit === undefined) throw new Error(`${test} grades nothing`);
    const cache = filledHostCache({ ...unit, kit, sandbox: 'bubblewrap', limits: limitsOf(part) });
    if (cache === undefined) throw new Error('there is no cache');
    const cached = readdirSync(cache, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
    t.ok(cached.length > 3, `${part}: ${cached.length} sources are in the cache`);
    const everywhere = [kit, join(root, 'course/src/grade/remote')].flatMap(sourcesIn).join('\n');
    for (const file of cases(t, filesOf(steps))) {
      const given = new Set(linesIn(readFileSync(join(kit, file), 'utf8')));
      const written = linesIn(readFileSync(join(root, file), 'utf8')).filter((line) => !given.has(line));
      const leaked = written.filter(
        (line) => !everywhere.includes(line) && cached.some((bytes) => bytes.includes(line)),
      );
      t.same(leaked, [], file);
    }
  }
});
