// `npm start`, `npm test`, `npm run sim`, `npm run page` and `npm run chaos` run this file first. It needs nothing but Node 20 and npm. It installs
// the npm packages, including the Node that the kit runs on, if they are missing, and then runs the program with that
// Node.
//
//   node scripts/bootstrap.mjs start [options]              -> part4/src/programs/chain.ts
//   node scripts/bootstrap.mjs test [part | file | option]  -> scripts/run-tests.ts
//   node scripts/bootstrap.mjs sim [options]                -> part4/sim/program.ts
//   node scripts/bootstrap.mjs page [options]               -> page/src/programs/page.ts
//   node scripts/bootstrap.mjs page:pictures [folder]       -> page/pictures/take.ts
//   node scripts/bootstrap.mjs chaos [options]              -> part4/chaos/program.ts
//   node scripts/bootstrap.mjs course:check [options]       -> course/src/check/program.ts
//   node scripts/bootstrap.mjs mutation [options]           -> course/src/mutation/program.ts
//   node scripts/bootstrap.mjs handout [options]            -> course/src/programs/handout.ts
//   node scripts/bootstrap.mjs grade SUBMISSION [options]   -> course/src/programs/grade.ts
//   node scripts/bootstrap.mjs grade:class DIR [options]    -> course/src/programs/grade-class.ts
//   node scripts/bootstrap.mjs grade:package [options]      -> course/src/programs/grade-package.ts
//   node scripts/bootstrap.mjs course:class [options]       -> course/src/programs/make-class.ts
//
// In a hand-out, which a student gets (handout.json):
//
//   node scripts/bootstrap.mjs test [part | file | --all]   -> scripts/student/test.ts
//   node scripts/bootstrap.mjs watch [part]                 -> scripts/student/watch.ts
//   node scripts/bootstrap.mjs progress                     -> scripts/student/progress.ts

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const isHandout = existsSync(join(root, 'handout.json'));
const programs = {
  start: 'part4/src/programs/chain.ts',
  test: isHandout ? 'scripts/student/test.ts' : 'scripts/run-tests.ts',
  sim: 'part4/sim/program.ts',
  page: 'page/src/programs/page.ts',
  'page:pictures': 'page/pictures/take.ts',
  chaos: 'part4/chaos/program.ts',
  'course:check': 'course/src/check/program.ts',
  handout: 'course/src/programs/handout.ts',
  grade: 'course/src/programs/grade.ts',
  'grade:class': 'course/src/programs/grade-class.ts',
  'grade:package': 'course/src/programs/grade-package.ts',
  'course:class': 'course/src/programs/make-class.ts',
  mutation: 'course/src/mutation/program.ts',
  watch: 'scripts/student/watch.ts',
  progress: 'scripts/student/progress.ts',
};
const commandsWithTests = ['test', 'course:check', 'grade', 'grade:class'];
const pinnedNode = join(root, 'node_modules/node/bin/node');
const lockFile = join(root, '.tap/bootstrap.lock');
const packageLock = join(root, 'package-lock.json');
const npmRecord = join(root, 'node_modules/.package-lock.json');
/** Written when tap is built for this folder. `npm ci` removes it together with the packages. */
const stampFile = join(root, 'node_modules/.tablelab-installed');
/** A link through which tap's plugins find tap. `tap build` makes it; it contains the path of this folder. */
const tapLink = join(root, '.tap/plugins/node_modules/@tapjs/core');
/** The folder is read-only, belongs to somebody else, or lies on a full disk. */
const cannotWriteCodes = ['EROFS', 'EACCES', 'EPERM', 'ENOSPC'];
/** The package from which the install script of "node" takes the program: with headers, 70 MB that nothing needs any more. */
const leftOverOfNode = join(root, 'node_modules/node/node_modules');
const nodeMajor = 24;
const installDeadlineMs = 20 * 60_000;
const npmStopDeadlineMs = 5_000;
const npmOutputLengthMax = 1_048_576;
const lockPollIntervalMs = 200;
const parentPollIntervalMs = 500;

/** An expected failure: only its message is printed, without a stack. */
class BootstrapError extends Error {}

/** The first signal received, or SIGTERM if the npm that started this process has ended. */
let interruptedBy;
/** Passes a signal on to the running child process; undefined when there is none. */
let stopChild;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => interrupt(signal));
if (process.env.npm_lifecycle_event) interruptWithoutParent();
try {
  const [command = '', ...args] = process.argv.slice(2);
  const program = Object.hasOwn(programs, command) ? programs[command] : undefined;
  if (program === undefined) {
    console.error(`usage: node scripts/bootstrap.mjs ${Object.keys(programs).join('|')} [arguments]`);
    process.exitCode = 2;
  } else {
    // Only the kit's tests need tap's program, and to build its plugins takes longer than all else.
    const isComplete = commandsWithTests.includes(command) && !isHandout ? testsCanRun : packagesInstalled;
    if (!isComplete()) await installUnless(isComplete);
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

/** A killed npm passes no signal on, nor does a shell between npm and this process. Only the parent's id changes. */
function interruptWithoutParent() {
  const parent = process.ppid;
  const poll = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(poll);
    interrupt('SIGTERM');
  }, parentPollIntervalMs);
  poll.unref();
}

/** Whether the packages are there, and tap is built for this folder and this lock file. */
function testsCanRun() {
  return (
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === stamp() &&
    existsSync(tapLink) &&
    packagesInstalled()
  );
}

/** A moved or copied folder needs `tap build` again, because tap stores the folder's path. */
function stamp() {
  const hash = createHash('sha256').update(readFileSync(packageLock)).digest('hex');
  return `${JSON.stringify({ folder: root, packageLock: hash })}\n`;
}

/** Installs what is missing, unless another process does while this one waits for the lock. */
async function installUnless(isComplete) {
  try {
    await withLock(async () => {
      if (!isComplete()) await install();
    });
  } catch (error) {
    if (!cannotWriteCodes.includes(error.code)) throw error;
    throw new BootstrapError(
      `cannot write to ${root} (${error.code}), where the npm packages have to be installed.
Copy the folder to a place where you may write, and run it there.`,
    );
  }
}

async function install() {
  if (packagesInstalled()) {
    console.error("building tap's plugins (npm run prepare), once ...");
    await runNpm(['run', 'prepare']).catch(removeTapsClasses);
  }
  if (!packagesInstalled()) {
    console.error('installing the npm packages (npm install), once; this takes a minute ...');
    // Not `npm ci`, because it rejects a lock file without the optional packages of other systems, and npm writes such a
    // file if the registry lacks them. `npm install` takes the versions from the lock file, too.
    await runNpm(['install', '--no-save', '--include=dev', '--no-fund', '--no-audit']);
  }
  if (isHandout) rmSync(leftOverOfNode, { recursive: true, force: true });
  writeFileSync(stampFile, stamp());
}

/** `tap build` rewrites a part of tap. If it was interrupted, tap may not start, and npm has to fetch that part again. */
function removeTapsClasses() {
  endIfInterrupted();
  rmSync(join(root, 'node_modules/@tapjs/test'), { recursive: true, force: true });
  rmSync(npmRecord, { force: true });
}

/** Whether npm's record of the installed packages agrees with the lock file. npm writes it before it runs `prepare`. */
function packagesInstalled() {
  if (!existsSync(npmRecord)) return false;
  const wanted = readPackages(packageLock);
  const found = readPackages(npmRecord);
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true;
    const there = found[path];
    // The lock file also names packages for other systems, which npm does not install.
    if (there === undefined) return entry.optional === true;
    return there.version === entry.version && there.integrity === entry.integrity;
  });
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/** Runs npm to its end. After a signal, ends npm and all processes that it started, and rejects. */
async function runNpm(npmArgs) {
  endIfInterrupted();
  const { command, args } = npm();
  const child = spawn(command, [...args, ...npmArgs], {
    cwd: root,
    env: environmentForNpm(),
    // Standard input may contain the commands for the client, so nothing else may read it.
    stdio: ['ignore', 'pipe', 'pipe'],
    // In a separate process group, so that npm's children can be ended together with npm.
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
    // npm may end before its children do.
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
    // All processes of the group have ended.
    if (error.code !== 'ESRCH') throw error;
  }
}

/** The npm that started this script, or the one on PATH. */
function npm() {
  const path = process.env.npm_execpath;
  return path?.endsWith('npm-cli.js')
    ? { command: process.execPath, args: [path] }
    : { command: 'npm', args: [] };
}

/** `npm test -w part1` sets variables that would make npm install only that workspace. */
function environmentForNpm() {
  const ours = /^npm_config_(workspaces?|include_workspace_root|local_prefix)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

/** Runs `work` while no other process of this checkout does. Takes over a lock whose holder has ended. */
async function withLock(work) {
  mkdirSync(join(root, '.tap'), { recursive: true });
  const deadline = Date.now() + installDeadlineMs;
  for (let told = false; !tryLock(); ) {
    endIfInterrupted();
    const holder = holderOf(lockFile);
    // The holder has just released it.
    if (holder === undefined) continue;
    if (!isAlive(Number(holder))) {
      removeStaleLock(holder);
      continue;
    }
    if (Date.now() > deadline) {
      throw new BootstrapError(
        `process ${holder} has been installing the npm packages for too long; if it is not, remove ${lockFile}`,
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

/**
 * Takes the lock: a symbolic link whose target is its holder's process id. It is made in one step, so the lock is never there
 * without its holder. Some file systems have no hard links, but npm cannot install the packages without symbolic ones.
 */
function tryLock() {
  try {
    symlinkSync(String(process.pid), lockFile);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** If several processes find the same stale lock, one moves it away. A new lock that was moved by mistake is put back. */
function removeStaleLock(staleHolder) {
  const moved = `${lockFile}.stale.${process.pid}`;
  try {
    renameSync(lockFile, moved);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  try {
    const holder = holderOf(moved);
    if (holder !== staleHolder) symlinkSync(holder, lockFile);
  } finally {
    rmSync(moved, { force: true });
  }
}

/** The process id in a lock; undefined if there is no lock, and no number if the file is none of this program's. */
function holderOf(file) {
  try {
    return readlinkSync(file);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    // It is no link.
    if (error.code === 'EINVAL') return '';
    throw error;
  }
}

function isAlive(pid) {
  // It may be something else than a lock.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * The Node that runs this script, if it has the right major version; otherwise the one that npm has fetched. Nix's shell
 * and the container image bring their own, and the fetched one needs glibc in its usual place.
 */
function nodeToRunOn() {
  if (majorOf(process.version) === nodeMajor) return process.execPath;
  const version = existsSync(pinnedNode)
    ? spawnSync(pinnedNode, ['--version'], { encoding: 'utf8' }).stdout?.trim()
    : undefined;
  if (majorOf(version) === nodeMajor) return pinnedNode;
  if (isMusl()) {
    throw new BootstrapError(
      `Node ${nodeMajor} is needed, and this is ${process.version}. The Node that npm fetches does not run here: it needs glibc,
and this system has musl. Install Node ${nodeMajor} from the system's packages (Alpine: apk add nodejs npm), or use the image
(README.md, "With containers").`,
    );
  }
  // An npm with strict settings skips the install script that fetches Node.
  throw new BootstrapError(
    `${pinnedNode} is ${version ? `Node ${version}` : 'missing or does not run'}, but Node ${nodeMajor} is needed.
The install script of the package "node" downloads it. The script was skipped, or it failed. Allow it and run it again:
  npm config get ignore-scripts    must print false
  npm rebuild node                 runs the script again and shows its errors
Some versions of npm require approval of install scripts; package.json approves this one ("allowScripts").`,
  );
}

/** Whether the Node that runs this was built for musl, as on Alpine. */
function isMusl() {
  return process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined;
}

function majorOf(version) {
  return Number(/^v(\d+)/.exec(version ?? '')?.[1] ?? 0);
}

/**
 * Runs the program with this Node on this terminal. Signals are passed on. If this process is killed, the program's channel
 * to it closes, so that the program can clean up in every case.
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
