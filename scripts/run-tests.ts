/**
 * `npm test`: runs the tests of all parts, of the parts named, or of the files named, and ends with the line
 * `N passed, N failed`. Exits 0 only when something passed and nothing failed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { errorText } from '@tablelab/shared';
import { withDeadline } from '@tablelab/shared/process';
import { provideZooKeeper } from '@tablelab/shared/zookeeper';
import { TapReader } from './tap-reader.ts';

const root = join(import.meta.dirname, '..');
const runDeadlineMs = 45 * 60_000;

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  console.error(errorText(error));
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}

async function run(args: readonly string[]): Promise<number> {
  const files = testFiles(args.filter((arg) => !arg.startsWith('-')));
  if (files.some((file) => file.startsWith('part4/') || /zookeeper|launcher/.test(file))) {
    provideZooKeeper((line) => console.error(line));
  }
  const options = args.filter((arg) => arg.startsWith('-'));
  const reader = new TapReader((line) => console.log(line));
  const problem =
    files.length === 0 ? 'no test ran: there is no such test file' : await tap(reader, options, files);
  const { passes, skipped } = reader;
  // What this machine cannot run is told, and is no failure; that nothing ran at all for no reason is one.
  const ran = passes + reader.failures + skipped.length > 0;
  if (problem !== undefined && reader.failures === 0) console.log(problem);
  else if (!ran) console.log('no test ran');
  // Tap may fail without a failed test; then the run has failed all the same.
  const failed = reader.failures === 0 && problem !== undefined ? 1 : reader.failures;
  for (const test of skipped) console.log(`SKIPPED: ${test}`);
  console.log(
    `${passes} passed, ${failed} failed${skipped.length === 0 ? '' : `, ${skipped.length} skipped`}`,
  );
  return failed === 0 && ran ? 0 : 1;
}

/**
 * The files to run, relative to the root. Files named win over parts named; a file's path is relative to the folder
 * npm was called in, or to the root.
 */
function testFiles(names: readonly string[]): string[] {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    workspaces: string[];
  };
  const folders = [...workspaces, 'scripts'];
  const files = names.filter((name) => !folders.includes(name));
  if (files.length > 0) return files.map(existingFile);
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

function existingFile(name: string): string {
  const found = [resolve(process.env.INIT_CWD ?? '.', name), resolve(name), join(root, name)].find(
    existsSync,
  );
  if (found === undefined) throw new Error(`no part and no test file is called ${name}`);
  return relative(root, found);
}

/** Runs tap; returns what went wrong besides failed tests, if anything. */
async function tap(
  reader: TapReader,
  options: readonly string[],
  files: readonly string[],
): Promise<string | undefined> {
  const program = realpathSync(join(root, 'node_modules/.bin/tap'));
  const child = spawn(process.execPath, [program, '--reporter=tap', ...options, ...files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  // The bootstrap was killed: nobody waits for the tests any more.
  process.once('disconnect', () => stop('SIGTERM'));
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => reader.write(chunk));
  const read = once(child.stdout, 'end');
  const exited = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  try {
    const end = await withDeadline(exited, runDeadlineMs, 'the end of all tests');
    await withDeadline(read, 10_000, "the end of tap's output");
    if (!reader.end()) return `tap ended before all tests had (${end})`;
    return end === 'exit code 0' ? undefined : `tap failed (${end})`;
  } finally {
    child.kill('SIGTERM');
    // Listening on the channel to the bootstrap keeps this process alive.
    if (process.connected) process.disconnect();
  }
}
