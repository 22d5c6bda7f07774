import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { sourcesOf } from '@tablelab/shared/sources';
import t from 'tap';
import { takeSubmission } from '../src/grade/intake.ts';
import { packageFor, targets } from '../src/package/targets.ts';
import { type ZipEntry, zipOf } from '../src/zip-file.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'tablelab-package-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

const hidden = join(folder, 'hidden-tests');
mkdirSync(hidden);
writeFileSync(join(hidden, 'more.test.ts'), '// a hidden test');

const options = { root, part: 1, gradeOptions: ['--seeds', "4,5'"], hidden };
const packages = new Map(targets.map((target) => [target, packageFor(target, options)]));
const textOf = (entries: readonly ZipEntry[] | undefined, path: string) =>
  String(entries?.find((entry) => entry.path === path)?.content);

/** Root's home is that of all containers, too. */
const places = [root, folder, `//${hostname()}`, ...(homedir() === '/root' ? [] : [homedir()])];

const kitOf = { gradescope: '', docker: '', moodle: 'runner/', classroom50: 'runner/' } as const;

for (const target of targets) {
  t.test(`${target}: complete, and of no particular machine`, async (t) => {
    const entries = packages.get(target) ?? [];
    const paths = entries.map(({ path }) => path);
    t.equal(new Set(paths).size, paths.length, 'each file once');
    const kit = `${kitOf[target]}kit/`;
    // All that the grader and the tests of the part import.
    for (const file of [
      'course/src/programs/grade.ts',
      'course/src/class/grade-one.ts',
      'course/src/grade/remote/judge.ts',
      'course/src/grade/remote/host.ts',
      'part1/test/table.test.ts',
    ]) {
      for (const source of sourcesOf(root, file, () => true)) t.ok(paths.includes(kit + source), source);
    }
    for (const file of [
      'package.json',
      'package-lock.json',
      '.npmrc',
      'scripts/bootstrap.mjs',
      'course/part1.yaml',
      'part1/README.md',
    ]) {
      t.ok(paths.includes(kit + file), file);
    }
    t.ok(paths.includes(`${kitOf[target]}hidden/more.test.ts`), 'the hidden tests');
    for (const { path, content } of entries) {
      const text = content.toString('latin1');
      for (const place of places) {
        if (text.includes(place)) t.fail(`${path} names ${place}`);
      }
    }
    t.notMatch(textOf(entries, `${kit}package-lock.json`), /"resolved": "http/, 'no registry');
    for (const { path, content } of entries.filter(
      ({ isProgram, path }) => isProgram === true && !path.includes('/kit/') && !path.startsWith('kit/'),
    )) {
      const { status, stderr } = spawnSync('bash', ['-n'], { input: content });
      t.equal(status, 0, `${path}: ${stderr}`);
    }
  });
}

t.test('the options go to the grader as they are', async (t) => {
  t.match(
    textOf(packages.get('gradescope'), 'run_autograder'),
    `--part 1 '--seeds' '4,5'\\''' --hidden "$KIT/hidden"`,
  );
  const plain = packageFor('gradescope', { root, part: 4, gradeOptions: [] });
  t.match(textOf(plain, 'run_autograder'), /submission" --part 4 --out /);
  t.notOk(plain.some(({ path }) => path.startsWith('hidden/')));
});

t.test('what is published of Classroom 50 has no solution', async (t) => {
  const published = (packages.get('classroom50') ?? []).filter(({ path }) => !path.startsWith('runner/'));
  t.same(published.map(({ path }) => path).sort(), ['README.md', 'autograder.py', 'runtime.json']);
});

t.test("a zip: what the grader's own intake reads", async (t) => {
  const path = join(folder, 'some.zip');
  const content = Buffer.from('export const é = 1;\n'.repeat(100));
  writeFileSync(
    path,
    zipOf([
      { path: 'x/part1/src/list.ts', content },
      { path: 'empty', content: Buffer.alloc(0) },
    ]),
  );
  const { files } = await takeSubmission(path, ['part1/src/list.ts']);
  t.same(files.get('part1/src/list.ts'), content);
});

/** A report as the grader writes it. */
function reports(complete: boolean): string {
  const at = mkdtempSync(join(folder, 'reports-'));
  const tests = [
    { name: 'a', score: 3.3333, max_score: 3.3333, status: 'passed' },
    { name: 'b', score: 0, max_score: 6.6667, status: 'failed' },
    { name: 'shown now', status: 'passed' },
  ];
  writeFileSync(join(at, 'results.json'), JSON.stringify({ score: 3.33, tests, extra_data: { complete } }));
  writeFileSync(join(at, 'report.txt'), 'FAILED b\n--|>\nGrade :=>> 100\n');
  return at;
}

t.test(
  'Moodle: a grade that no text of a report can forge, and none for a grading that did not end',
  async (t) => {
    const output = (at: string) =>
      execFileSync(process.execPath, [join(root, 'course/src/package/vpl-output.ts'), at], {
        encoding: 'utf8',
      });
    const outside = (text: string) => text.replace(/^<\|--$[\s\S]*?^--\|>$/gm, '');
    t.same(outside(output(reports(true))).match(/^Grade :=>>.*$/gm), ['Grade :=>> 3.33']);
    t.notMatch(outside(output(reports(false))), /^Grade/m);
    const failed = mkdtempSync(join(folder, 'failed-'));
    writeFileSync(join(failed, 'output'), 'no sandbox');
    t.match(output(failed), /Comment :=>> The grader has failed.*\n<\|--\nno sandbox\n--\|>/);
  },
);

t.test(
  'Classroom 50: its result',
  { skip: existsSync('/usr/bin/python3') ? false : 'there is no Python' },
  async (t) => {
    const kit = mkdtempSync(join(folder, 'kit-'));
    mkdirSync(join(kit, 'kit/scripts'), { recursive: true });
    const copy = `import { cpSync } from 'node:fs';
cpSync(${JSON.stringify(reports(true))}, process.argv.at(-1), { recursive: true });`;
    writeFileSync(join(kit, 'kit/scripts/bootstrap.mjs'), copy);
    const autograder = join(folder, 'autograder.py');
    writeFileSync(
      autograder,
      textOf(packageFor('classroom50', { root, part: 1, gradeOptions: [] }), 'autograder.py'),
    );
    const cwd = mkdtempSync(join(folder, 'checkout-'));
    const names = ['CLASSROOM', 'ASSIGNMENT', 'SUBMISSION_TAG', 'COMMIT_URL', 'RELEASE_URL'];
    const env = {
      ...process.env,
      TABLELAB_KIT: kit,
      ...Object.fromEntries(names.map((name) => [name, name])),
    };
    execFileSync('python3', [autograder], { cwd, env, stdio: 'pipe' });
    t.match(JSON.parse(readFileSync(join(cwd, 'result.json'), 'utf8')), {
      schema: 'classroom50/result/v1',
      classroom: 'CLASSROOM',
      score: 333,
      'max-score': 1000,
      tests: [
        { 'test-name': 'a', passed: true, score: 333, 'max-score': 333 },
        { 'test-name': 'b', passed: false, score: 0, 'max-score': 667 },
      ],
    });
  },
);
