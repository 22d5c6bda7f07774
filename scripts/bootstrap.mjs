// What `npm start`, `npm test` and `npm run chaos` run first. It needs nothing but Node 20 and npm: it installs the npm
// packages and the Node that this kit runs on where they are missing, and hands over to it.
//
//   node scripts/bootstrap.mjs start [options]              -> part4/src/programs/chain.ts
//   node scripts/bootstrap.mjs test [part | file | option]  -> scripts/run-tests.ts
//   node scripts/bootstrap.mjs chaos [options]              -> part4/chaos/program.ts

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const programs = {
  start: 'part4/src/programs/chain.ts',
  test: 'scripts/run-tests.ts',
  chaos: 'part4/chaos/program.ts',
};
const pinnedNode = join(root, 'node_modules/node/bin/node');
const lockFile = join(root, '.tap/bootstrap.lock');
const packageLock = join(root, 'package-lock.json');
const npmRecord = join(root, 'node_modules/.package-lock.json');
/** Written when all of the installation is done. It lies where `npm ci` removes it along with the packages. */
const stampFile = join(root, 'node_modules/.tablelab-installed');
/** A link by which tap's plugins find tap; `tap build` makes it, with the path of this folder in it. */
const tapLink = join(root, '.tap/plugins/node_modules/@tapjs/core');
const nodeMajor = 24;
const installDeadlineMs = 20 * 60_000;
const npmStopDeadlineMs = 5_000;
const npmOutputLengthMax = 1_048_576;
const lockPollIntervalMs = 200;
const parentPollIntervalMs = 500;

/** An expected failure: told in its own words, without a stack. */
class BootstrapError extends Error {}

/** The first signal that came, or SIGTERM when the npm that started this has gone. */
let interruptedBy;
/** Passes a signal on to the process that this one waits for; undefined when there is none. */
let stopChild;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => interrupt(signal));
if (process.env.npm_lifecycle_event) interruptWithoutParent();
try {
  const [command = '', ...args] = process.argv.slice(2);
  const program = Object.hasOwn(programs, command) ? programs[command] : undefined;
  if (program === undefined) {
    console.error('usage: node scripts/bootstrap.mjs start|test|chaos [arguments]');
    process.exitCode = 2;
  } else {
    if (!installed()) await withLock(install);
    process.exitCode = await handOver(nodeToRunOn(), program, args);
  }
} catch (error) {
  if (!(error instanceof BootstrapError)) throw error;
  console.error(error.message);
  process.exitCode = interruptedBy === undefined ? 1 : 128 + constants.signals[interruptedBy];
}

function interrupt(signal) {
  interruptedBy ??= signal;
  stopChild?.(signal);
}

function endIfInterrupted() {
  if (interruptedBy !== undefined) throw new BootstrapError(`interrupted by ${interruptedBy}`);
}

/** npm that is killed passes nothing on, nor does the shell that it may put in between; only the parent's number tells. */
function interruptWithoutParent() {
  const parent = process.ppid;
  const poll = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(poll);
    interrupt('SIGTERM');
  }, parentPollIntervalMs);
  poll.unref();
}

/** Whether all of the installation was done, here and for this lock file, and is still there. */
function installed() {
  return (
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === stamp() &&
    existsSync(tapLink) &&
    packagesInstalled()
  );
}

/** A copy of the folder elsewhere needs `tap build` again, because tap writes down where it is. */
function stamp() {
  const hash = createHash('sha256').update(readFileSync(packageLock)).digest('hex');
  return `${JSON.stringify({ folder: root, packageLock: hash })}\n`;
}

async function install() {
  // Another start may have done it while this one waited for the lock.
  if (installed()) return;
  if (packagesInstalled()) {
    console.error("building tap's plugins (npm run prepare), once ...");
    await runNpm(['run', 'prepare']).catch(removeTapsClasses);
  }
  if (!packagesInstalled()) {
    console.error('installing the npm packages (npm install), once; this takes a minute ...');
    // Not `npm ci`: it refuses a lock file that lacks the optional packages of other systems, which is what npm writes
    // where the registry does not have them. The versions are those of the lock file all the same.
    await runNpm(['install', '--no-save', '--include=dev', '--no-fund', '--no-audit']);
  }
  writeFileSync(stampFile, stamp());
}

/** `tap build` rewrites a part of tap, and where that was interrupted tap may not start: npm is to fetch it again. */
function removeTapsClasses() {
  endIfInterrupted();
  rmSync(join(root, 'node_modules/@tapjs/test'), { recursive: true, force: true });
  rmSync(npmRecord, { force: true });
}

/** Whether npm's own record of the packages agrees with the lock file. npm writes it before it runs `prepare`. */
function packagesInstalled() {
  if (!existsSync(npmRecord)) return false;
  const wanted = readPackages(packageLock);
  const found = readPackages(npmRecord);
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true;
    const there = found[path];
    // What is made for another system is in the lock file and is not installed.
    if (there === undefined) return entry.optional === true;
    return there.version === entry.version && there.integrity === entry.integrity;
  });
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/** Runs npm to its end. At a signal it and all that it has started are ended first; then this rejects. */
async function runNpm(npmArgs) {
  endIfInterrupted();
  const { command, args } = npm();
  const child = spawn(command, [...args, ...npmArgs], {
    cwd: root,
    env: environmentForNpm(),
    // Standard input may hold the commands for the client: nothing else may read from it.
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that npm's own children can be ended with it.
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      output = (output + text).slice(-npmOutputLengthMax);
    });
  }
  const killGroup = () => signalGroup(child, 'SIGKILL');
  const timers = [setTimeout(killGroup, installDeadlineMs)];
  stopChild = () => {
    signalGroup(child, 'SIGTERM');
    timers.push(setTimeout(killGroup, npmStopDeadlineMs));
  };
  const end = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    // npm may be gone before those it has started.
    child.once('exit', () => interruptedBy !== undefined && killGroup());
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  stopChild = undefined;
  for (const timer of timers) clearTimeout(timer);
  endIfInterrupted();
  if (end !== 0) throw new BootstrapError(`npm ${npmArgs[0]} failed (${end}):\n${output}`);
}

function signalGroup(child, signal) {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch (error) {
    // All of them have ended.
    if (error.code !== 'ESRCH') throw error;
  }
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
  for (let told = false; !tryLock(); ) {
    endIfInterrupted();
    const holder = readOrUndefined(lockFile);
    // Its holder has just let go.
    if (holder === undefined) continue;
    if (!isAlive(Number(holder))) {
      removeStaleLock(holder);
      continue;
    }
    if (Date.now() > deadline) {
      throw new BootstrapError(
        `process ${holder} has been installing for too long; if it is not, remove ${lockFile}`,
      );
    }
    if (!told) console.error(`waiting for process ${holder}, which is installing the npm packages ...`);
    told = true;
    await wait(lockPollIntervalMs);
  }
  try {
    await work();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

/** The lock appears with the holder's number in it: a link to a finished file either is made or is there already. */
function tryLock() {
  const own = `${lockFile}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, lockFile);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Of several that find the same stale lock one moves it away; a new lock that another one moved by mistake is put back. */
function removeStaleLock(staleHolder) {
  const moved = `${lockFile}.stale.${process.pid}`;
  try {
    renameSync(lockFile, moved);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  try {
    if (readOrUndefined(moved) !== staleHolder) linkSync(moved, lockFile);
  } finally {
    rmSync(moved, { force: true });
  }
}

function readOrUndefined(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid) {
  // Neither an empty file nor any other text is the number of a process.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * The Node that runs this, where it is of the right major version: Nix's shell and the container image bring one, and the
 * one that npm has fetched is built for systems with glibc in its usual place. Otherwise that one.
 */
function nodeToRunOn() {
  if (majorOf(process.version) === nodeMajor) return process.execPath;
  const version = existsSync(pinnedNode)
    ? spawnSync(pinnedNode, ['--version'], { encoding: 'utf8' }).stdout?.trim()
    : undefined;
  if (majorOf(version) === nodeMajor) return pinnedNode;
  // npm fetches it by an install script, which a strict npm skips.
  throw new BootstrapError(
    `${pinnedNode} is ${version ? `Node ${version}` : 'missing or does not run'}, but Node ${nodeMajor} is needed.
npm fetches it by the install script of the package "node", which was skipped or failed. Allow it and repeat it:
  npm config get ignore-scripts    must say false
  npm rebuild node                 runs it once more, and shows why it fails
Some versions of npm ask to approve install scripts first: package.json does that for this one ("allowScripts").`,
  );
}

function majorOf(version) {
  return Number(/^v(\d+)/.exec(version ?? '')?.[1] ?? 0);
}

/**
 * Runs the program under this Node on this terminal. Signals are passed on, and the program sees its channel
 * close should this process be killed, so that it always gets to clean up.
 */
function handOver(node, program, args) {
  const path = [dirname(node), join(root, 'node_modules/.bin'), process.env.PATH ?? ''];
  const child = spawn(node, [join(root, program), ...args], {
    env: { ...process.env, PATH: path.join(':') },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  stopChild = (signal) => child.kill(signal);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
