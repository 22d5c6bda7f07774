// What `npm start` and `npm test` run first. It needs nothing but Node 20 and npm: it installs the npm packages and
// the Node that this kit runs on where they are missing, and hands over to it.
//
//   node scripts/bootstrap.mjs start [options]              -> part4/src/programs/chain.ts
//   node scripts/bootstrap.mjs test [part | file | option]  -> scripts/run-tests.ts

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const programs = { start: 'part4/src/programs/chain.ts', test: 'scripts/run-tests.ts' };
const pinnedNode = join(root, 'node_modules/node/bin/node');
const lockFile = join(root, '.tap/bootstrap.lock');
const nodeMajorMin = 24;
const installDeadlineMs = 20 * 60_000;
const lockPollIntervalMs = 200;
const parentPollIntervalMs = 500;

/** An expected failure: told in its own words, without a stack. */
class BootstrapError extends Error {}

try {
  const [command = '', ...args] = process.argv.slice(2);
  const program = Object.hasOwn(programs, command) ? programs[command] : undefined;
  if (program === undefined) {
    console.error('usage: node scripts/bootstrap.mjs start|test [arguments]');
    process.exitCode = 2;
  } else {
    if (!packagesInstalled()) await withLock(installPackages);
    checkNode();
    process.exitCode = await handOver(program, args);
  }
} catch (error) {
  if (!(error instanceof BootstrapError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/** Whether npm's own record of what lies in node_modules agrees with the lock file. npm writes it last. */
function packagesInstalled() {
  const record = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(record);
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true;
    const found = installed[path];
    // What is made for another system is in the lock file and is not installed.
    if (found === undefined) return entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

function installPackages() {
  // Another start may have done it while this one waited for the lock.
  if (packagesInstalled()) return;
  console.error('installing the npm packages (npm install), once; this takes a minute ...');
  const { command, args } = npm();
  // Not `npm ci`: it refuses a lock file that lacks the optional packages of other systems, which is what npm writes
  // where the registry does not have them. The versions are those of the lock file all the same.
  const install = ['install', '--no-save', '--include=dev', '--no-fund', '--no-audit'];
  const result = spawnSync(command, [...args, ...install], {
    cwd: root,
    env: environmentForNpm(),
    // Standard input may hold the commands for the client: nothing else may read from it.
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: installDeadlineMs,
    maxBuffer: 64 * 1_048_576,
  });
  if (result.status === 0) return;
  const reason = result.error ? `${result.error.message}\n` : '';
  throw new BootstrapError(`npm install failed:\n${reason}${result.stdout ?? ''}${result.stderr ?? ''}`);
}

/** The npm that runs this script, or else the one on PATH. */
function npm() {
  const path = process.env.npm_execpath;
  return path?.endsWith('npm-cli.js')
    ? { command: process.execPath, args: [path] }
    : { command: 'npm', args: [] };
}

/** `npm test -w part1` tells its scripts about the workspace by variables that would make it install only that. */
function environmentForNpm() {
  const ours = /^npm_config_(workspaces?|include_workspace_root|local_prefix)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

/** Runs `work` while no other bootstrap of this checkout does. A lock whose holder is gone is taken over. */
async function withLock(work) {
  mkdirSync(join(root, '.tap'), { recursive: true });
  const deadline = Date.now() + installDeadlineMs;
  for (let told = false; !tryLock(); told = true) {
    const holder = lockHolder();
    if (holder !== undefined && !isAlive(holder)) {
      rmSync(lockFile, { force: true });
    } else if (Date.now() > deadline) {
      throw new BootstrapError(
        `process ${holder} has been installing for too long; if it is not, remove ${lockFile}`,
      );
    } else {
      if (!told) console.error(`waiting for process ${holder}, which is installing the npm packages ...`);
      await wait(lockPollIntervalMs);
    }
  }
  try {
    work();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

function tryLock() {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined for a moment while the holder is writing its number, or when it has just let go. */
function lockHolder() {
  const text = existsSync(lockFile) ? readFileSync(lockFile, 'utf8') : '';
  return text === '' ? undefined : Number(text);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** npm fetches the pinned Node by an install script, which a strict npm skips. */
function checkNode() {
  const version = existsSync(pinnedNode)
    ? spawnSync(pinnedNode, ['--version'], { encoding: 'utf8' }).stdout?.trim()
    : undefined;
  const major = Number(/^v(\d+)/.exec(version ?? '')?.[1] ?? 0);
  if (major >= nodeMajorMin) return;
  throw new BootstrapError(
    `${pinnedNode} is ${version ? `Node ${version}` : 'missing or does not run'}, but Node ${nodeMajorMin} is needed.
npm fetches it by the install script of the package "node", which was skipped or failed. Allow it and repeat it:
  npm config get ignore-scripts    must say false
  npm rebuild node                 runs it once more, and shows why it fails
  npm run prepare                  builds tap's plugins, which is skipped along with it
Some versions of npm ask to approve install scripts first: package.json does that for this one ("allowScripts").`,
  );
}

/**
 * Runs the program under the pinned Node on this terminal. Signals are passed on, and the program sees its channel
 * close should this process be killed, so that it always gets to clean up.
 */
function handOver(program, args) {
  const path = [join(root, 'node_modules/.bin'), join(root, 'node_modules/node/bin'), process.env.PATH ?? ''];
  const child = spawn(pinnedNode, [join(root, program), ...args], {
    env: { ...process.env, PATH: path.join(':') },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  if (process.env.npm_lifecycle_event) stopWithParent(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** npm that is killed passes nothing on, nor does the shell that it may put in between; only the parent's number tells. */
function stopWithParent(child) {
  const parent = process.ppid;
  const poll = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(poll);
    child.kill('SIGTERM');
  }, parentPollIntervalMs);
  poll.unref();
}
