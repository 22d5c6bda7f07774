/**
 * `npm test`: runs the tests of all parts, of the named parts, or of the named files and folders. Prints `N passed, N failed` as
 * its last line. Exits with 0 only if something passed and nothing failed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '@tablelab/shared';
import { endWithoutOutput } from '@tablelab/shared/command-line';
import { Guard, signalGroup, withDeadline } from '@tablelab/shared/process';
import { provideZooKeeper } from '@tablelab/shared/zookeeper';
import { needsZooKeeper } from './needs-zookeeper.ts';
import { namedTests } from './student/named-tests.ts';
import { TapReader } from './tap-reader.ts';

const root = join(import.meta.dirname, '..');
const runDeadlineMs = 45 * 60_000;

/** How long the tests may take to end after a signal, in milliseconds. */
const stopGraceMs = 5_000;

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  console.error(errorText(error));
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}

async function run(args: readonly string[]): Promise<number> {
  const files = testFiles(args.filter((arg) => !arg.startsWith('-')));
  if (files.some((file) => needsZooKeeper(file, root))) provideZooKeeper((line) => console.error(line));
  const options = args.filter((arg) => arg.startsWith('-'));
  const reader = new TapReader((line) => console.log(line));
  const problem =
    files.length === 0 ? 'no test ran: no test file was found' : await tap(reader, options, files);
  const { passes, skipped } = reader;
  // Skipped tests are no failure, because each has a reason. A run without any test is one.
  const ran = passes + reader.failures + skipped.length > 0;
  if (problem !== undefined && reader.failures === 0) console.log(problem);
  else if (!ran) console.log('no test ran');
  // If tap fails without a failed test, the run has failed, too.
  const failed = reader.failures === 0 && problem !== undefined ? 1 : reader.failures;
  for (const test of skipped) console.log(`SKIPPED: ${test}`);
  console.log(
    `${passes} passed, ${failed} failed${skipped.length === 0 ? '' : `, ${skipped.length} skipped`}`,
  );
  return failed === 0 && ran ? 0 : 1;
}

/** The test files to run, relative to the root. If files are named, named parts are ignored. */
function testFiles(names: readonly string[]): string[] {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    workspaces: string[];
  };
  const folders = [...workspaces, 'scripts'];
  const files = names.filter((name) => !folders.includes(name));
  if (files.length > 0) return files.flatMap((name) => namedTests(root, name));
  return (names.length > 0 ? names : folders).flatMap((folder) => {
    const tests = join(root, folder, 'test');
    if (!existsSync(tests)) return [];
    const found = readdirSync(tests, { recursive: true, encoding: 'utf8' });
    return found
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => `${folder}/test/${file}`)
      .sort();
  });
}

/** Runs tap. Returns what went wrong besides failed tests, or undefined. */
async function tap(
  reader: TapReader,
  options: readonly string[],
  files: readonly string[],
): Promise<string | undefined> {
  const program = realpathSync(join(root, 'node_modules/.bin/tap'));
  const child = spawn(process.execPath, [program, '--reporter=tap', ...options, ...files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    // In a process group of its own, so that the test files can be ended together with tap.
    detached: true,
  });
  // Also if this process is killed.
  const guard = child.pid === undefined ? undefined : new Guard(child.pid, { group: true });
  // Ends tap and the test files that it runs. What they have started has guards of its own.
  const stop = (signal: NodeJS.Signals) => {
    signalGroup(child.pid, signal);
    if (signal === 'SIGKILL') return;
    // A test may ignore the signal, or be in an endless loop.
    const kill = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), stopGraceMs).unref();
    child.once('exit', () => clearTimeout(kill));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, stop);
  // Nobody reads the results any more: the bootstrap was killed, or the reader has gone (`npm test | head`).
  process.once('disconnect', () => stop('SIGKILL'));
  endWithoutOutput('npm test', (code) => {
    stop('SIGKILL');
    process.exit(code);
  });
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => reader.write(chunk));
  const read = once(child.stdout, 'end');
  const exited = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  try {
    const end = await withDeadline(exited, runDeadlineMs, 'the tests to end');
    await withDeadline(read, 10_000, "tap's output to end");
    if (!reader.end()) return `tap ended before the tests did (${end})`;
    return end === 'exit code 0' ? undefined : `tap failed (${end})`;
  } finally {
    stop('SIGKILL');
    await guard?.dismiss();
    // The open channel to the bootstrap would keep this process alive.
    if (process.connected) process.disconnect();
  }
}
