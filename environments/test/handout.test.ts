/**
 * A student's first minute: the hand-out of part 1 on a machine that has only a minimal Debian, the oldest supported Node, and its npm;
 * then solved by the reference, tested there, and graded here. And the same from the offline bundle, without a network.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cases } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { BareMachine } from '../bare-machine.ts';
import { root } from '../clone.ts';
import { skipUnlessRequired } from '../requirement.ts';
import { plainEnvironment, run } from '../run.ts';

const skip = skipUnlessRequired('REQUIRE_BARE', whatIsMissing());
const deadlineMs = 900_000;
const gradeDeadlineMs = 2_400_000;
/** As many lines fit on a terminal. */
const linesMax = 40;
const installedMegabytesMax = 250;
/** What a student of part 1 writes. */
const written = ['entry', 'list', 'table', 'serialization'].map((name) => `part1/src/${name}.ts`);

function whatIsMissing(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'only root on Linux can make a bare machine';
  const missing = ['debootstrap', 'unshare', 'apt-get', 'tar', 'git', 'bwrap'].filter(
    (name) => spawnSync('sh', ['-c', `command -v ${name}`], { env: plainEnvironment() }).status !== 0,
  );
  return missing.length === 0 ? undefined : `there is no ${missing.join(', no ')}`;
}

function newFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'tablelab-student-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function handOut(out: string, ...options: string[]): Promise<string> {
  const program = join(root, 'course/src/programs/handout.ts');
  return run(process.execPath, [program, '--part', '1', '--out', out, ...options], { deadlineMs });
}

/** npm's exit code of failed tests is no failure here. */
const tests = 'npm test --silent || true';

/** Whether the machine has a network, and what installs the packages. */
const ways = [
  { way: 'from the registry', options: [], install: 'true', network: true },
  {
    way: 'from the offline bundle, without a network',
    options: ['--offline'],
    install: 'sh install-offline.sh',
    network: false,
  },
] as const;

for (const { way, options, install, network } of ways) {
  t.test(`the hand-out of part 1, ${way}`, { skip, timeout: 4 * deadlineMs + gradeDeadlineMs }, async (t) => {
    // Node 20 came with this npm.
    const machine = await BareMachine.make({ node: '20', npm: '10' });
    t.teardown(() => machine.remove());
    const folder = newFolder(t);
    const out = join(folder, 'part1');
    console.log((await handOut(out, ...options)).trim());
    const student = machine.path('root/part1');
    if (options.length === 0) cpSync(out, student, { recursive: true });
    else await run('tar', ['-C', machine.path('root'), '-xzf', `${out}.tar.gz`], { deadlineMs });
    const inHandout = (command: string) =>
      machine.run(`cd /root/part1 && ${command}`, { deadlineMs, network });

    const begun = performance.now();
    const first = await inHandout(`${install} && ${tests}`);
    console.log(`the first run, after ${Math.round((performance.now() - begun) / 1_000)} s:\n${first}`);
    const lines = first.trimEnd().split('\n').length;
    t.ok(lines <= linesMax, `the first run prints ${lines} lines`);
    t.match(first, /total +0 of \d+ +0 of 100/);
    const megabytes = Number.parseInt(await inHandout('du -sm node_modules'), 10);
    console.log(`installed: ${megabytes} MB`);
    t.ok(megabytes <= installedMegabytesMax, `${megabytes} MB`);
    for (const command of cases(t, ['npm run types --silent', 'npm run progress --silent']))
      await inHandout(command);

    for (const file of written) cpSync(join(root, file), join(student, file));
    const solved = await inHandout(tests);
    t.match(solved, /total +(\d+) of \1 +100 of 100/, solved);

    if (!network) return;
    const submission = join(folder, 'submission');
    for (const file of written) {
      mkdirSync(join(submission, 'part1/src'), { recursive: true });
      cpSync(join(student, file), join(submission, file));
    }
    const grader = join(root, 'course/src/programs/grade.ts');
    const graded = await run(
      process.execPath,
      [grader, submission, '--part', '1', '--seeds', '1', '--out', join(folder, 'report')],
      { deadlineMs: gradeDeadlineMs },
    );
    t.match(graded, /90 of 90 points, and 10 of 10 bonus points/, graded);
  });
}
