/**
 * Hostile submissions of part 1: none earns a point, none takes long, and none touches anything outside of its sandbox. Each is a file
 * of `course/hostile`, put before the hand-out's stub of `entry.ts`; all other files are the hand-out's.
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { hostileSource } from '../src/check/hostile.ts';
import { loadPart } from '../src/course-file.ts';
import { type Grade, grade, stateOf } from '../src/grade/grade.ts';
import { writeReports } from '../src/grade/reports/write.ts';
import { availableSandbox } from '../src/grade/sandbox.ts';
import { layStudentKit } from '../src/grade/student-kit.ts';

const root = join(import.meta.dirname, '../..');
const hostile = join(root, 'course/hostile');
const sandbox = availableSandbox();
const required = process.env.REQUIRE_SANDBOX === '1';
/** With both processors busy with other tests. */
const gradeDeadlineMs = 120_000;
const secret = 'the-secret-of-the-hidden-test';

// They start processes, and the tests of other files run meanwhile.
t.setTimeout(gradeDeadlineMs + 60_000);

/** The first two steps: their tests run in a second. */
const steps = loadPart(1, root).steps.filter(({ name }) => name === 'entries' || name === 'list');
const files = [...new Set(steps.flatMap(({ write }) => write.map(({ file }) => file)))];

const folder = mkdtempSync(join(tmpdir(), 'tablelab-hostile-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
// The reference is measured once for all tests of this file.
process.env.XDG_CACHE_HOME = join(folder, 'cache');

const stubs = join(folder, 'stubs');
layStudentKit({ reference: root, part: 'part1', steps, submission: { files: new Map() }, to: stubs });

const hidden = join(folder, 'hidden');
mkdirSync(hidden);
writeFileSync(
  join(hidden, 'secret.test.ts'),
  `import { duplicateData } from '@tablelab/part1';
import t, { type Test } from 'tap';
t.test('${secret} (part1/README.md#data-duplicate)', async (t) => {
  t.same(duplicateData(new TextEncoder().encode('${secret}')), new TextEncoder().encode('${secret}'));
});
`,
);

const sources = sourceFiles();

const mark = `tablelab-mark-${process.pid}`;

/** Where the machine can be reached, besides its loopback address. */
const host =
  Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address ?? '127.0.0.1';

/** A submission: the stubs, with the hostile code in front of those of `entry.ts`. */
function submissionOf(name: string, port = 0): string {
  const submission = join(folder, name, 'submission');
  for (const file of files) {
    const stub = readFileSync(join(stubs, file), 'utf8');
    write(
      join(submission, file),
      file.endsWith('entry.ts') ? hostileEntry(name, stub, submission, port) : stub,
    );
  }
  return submission;
}

function hostileEntry(name: string, stub: string, submission: string, port: number): string {
  const code = readFileSync(join(hostile, `${name}.ts`), 'utf8');
  return hostileSource(code, stub, {
    REFERENCE: root,
    SUBMISSION: submission,
    REPORTS: join(folder, name, 'reports'),
    HIDDEN: hidden,
    HOST: host,
    PORT: String(port),
    MARK: mark,
  });
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

async function gradeIt(submission: string): Promise<Grade> {
  const reports = join(dirname(submission), 'reports');
  return grade({
    part: 'part1',
    steps,
    reference: root,
    submission,
    hidden,
    seeds: [1],
    sandbox: 'bubblewrap',
    testLimitMinMs: 500,
    onProgress: (current) => writeReports(current, reports),
  });
}

const earned = ({ steps }: Grade) => steps.reduce((sum, { points }) => sum + points, 0);
const readReports = (submission: string) => {
  const reports = join(dirname(submission), 'reports');
  return readdirSync(reports).map((name) => readFileSync(join(reports, name), 'utf8'));
};

/** The processes whose command line has the mark. */
function markedProcesses(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`# ${mark}`);
      } catch {
        return false;
      }
    });
}

const names = readdirSync(hostile).map((name) => name.replace(/\.ts$/, ''));

if (sandbox !== 'bubblewrap') {
  t.test(
    'hostile submissions',
    { skip: required ? false : 'bubblewrap is not installed, or not allowed here' },
    async (t) => {
      t.equal(sandbox, 'bubblewrap', 'REQUIRE_SANDBOX is set');
    },
  );
} else {
  t.ok(names.length >= 15, `${names.length} hostile submissions`);
  for (const name of names) t.test(`${name}: no point, and a report`, (t) => checkHostile(t, name));
  t.test('a link to the solution: refused, with a report', checkLink);
}

async function checkHostile(t: Test, name: string): Promise<void> {
  const connections: unknown[] = [];
  const server = createServer((socket) => connections.push(socket.destroy()));
  const port = await listen(server);
  const sourcesBefore = sourceSizes();
  const submission = submissionOf(name, port);
  const began = Date.now();
  const result = await gradeIt(submission);
  t.ok(Date.now() - began < gradeDeadlineMs, `graded within ${gradeDeadlineMs} ms`);
  server.close();
  t.equal(result.problem, undefined);
  t.ok(result.isComplete, 'all tests ran');
  t.equal(earned(result), 0, 'nothing earned');
  const passed = result.tests.filter((test) => stateOf(test) === 'passed').map((test) => test.name);
  t.same(passed, [], 'no test passed');
  const reports = readReports(submission);
  t.equal(reports.length, 6, 'all reports are there');
  t.notOk(
    reports.some((report) => report.includes(secret)),
    'and tell nothing of the hidden test',
  );
  t.notOk(
    reports.some((report) => report.includes('"forged"')),
    'and were written by the grader',
  );
  t.same(connections, [], 'no connection came out of the sandbox');
  t.same(sourceSizes(), sourcesBefore, 'the kit is as it was');
  for (const outside of [
    '/',
    '/usr',
    '/etc',
    '/var/tmp',
    '/dev/shm',
    '/work',
    root,
    submission,
    dirname(submission),
  ]) {
    t.notOk(namesIn(outside).includes(mark), `nothing was written to ${outside}`);
  }
  t.same(markedProcesses(), [], 'no process is left');
}

/** A submission whose list.ts is a link to the reference's. */
async function checkLink(t: Test): Promise<void> {
  const submission = join(folder, 'link', 'submission');
  for (const file of files) {
    mkdirSync(dirname(join(submission, file)), { recursive: true });
    symlinkSync(join(root, file), join(submission, file));
  }
  const result = await gradeIt(submission);
  t.match(result.problem, /is a link/);
  t.equal(earned(result), 0);
  t.ok(
    readReports(submission).some((report) => report.includes('is a link')),
    'the reports say so',
  );
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '0.0.0.0', () => resolve((server.address() as { port: number }).port));
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The sources that a submission might change: those at the start, because other tests make files of their own meanwhile. */
function sourceFiles(): string[] {
  return ['part1', 'course', 'shared'].flatMap((part) =>
    readdirSync(join(root, part), { recursive: true, withFileTypes: true })
      .filter(
        (entry) =>
          entry.isFile() && /\.(ts|md|json)$/.test(entry.name) && !entry.parentPath.includes('/.tap'),
      )
      .map((entry) => join(entry.parentPath, entry.name)),
  );
}

/** Each source with its size. */
function sourceSizes(): string[] {
  return sources.map((path) => `${path} ${statSync(path, { throwIfNoEntry: false })?.size}`);
}
