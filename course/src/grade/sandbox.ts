/**
 * Runs a command of the submission so that it sees nothing of the machine but the folders that it is given, no network but that of
 * the judge (a loopback address, see {@link withoutNetwork}) if a test needs one, and a scratch folder of bounded size; and with limits on its processes, its memory and the size of its files.
 *
 * - `bubblewrap`: namespaces of its own (files, processes, network). As root, the command also gets a user of its own, because the
 *   system does not limit root's processes.
 * - `user`: as root, where bubblewrap is not allowed, as in most containers: a user of its own, who may read only what all users may. So the
 *   solution and hidden tests must not be readable to all, see {@link readableToAll}. If the system lets root take the network away,
 *   the command has none.
 * - `none`: limits only. Only for submissions that are trusted.
 */
import { randomInt } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { refusedCallsFile } from './refused-calls.ts';

export type SandboxKind = 'bubblewrap' | 'user' | 'none';

export interface Limits {
  /** Of each process: memory that it may write to, in bytes. */
  readonly dataBytes: number;
  /** Of all its processes together, in bytes of memory in use. Watched, see `watchdog-thread.ts`. */
  readonly residentBytes: number;
  /** Processes and threads. */
  readonly processes: number;
  /** Of each process: files and connections. */
  readonly openFiles: number;
  /** Of each file, in bytes; it also bounds what is printed. */
  readonly fileBytes: number;
  /** All files in its scratch folder together, in bytes. */
  readonly scratchBytes: number;
}

export const defaultLimits: Limits = {
  // Node has 600 MiB of it when a test begins, and needs 200 more in a test with many calls. A hostile buffer of part 1's tests claims at
  // least 1 GiB, which still does not fit.
  dataBytes: 1_280 * 2 ** 20,
  residentBytes: 1024 * 2 ** 20,
  processes: 48,
  openFiles: 1_024,
  fileBytes: 2 ** 20,
  scratchBytes: 32 * 2 ** 20,
};

export interface Mount {
  readonly from: string;
  readonly to: string;
  readonly isWritable?: boolean;
}

/** Part 3's threads share memory, of which the most is reserved and not used. */
export function limitsOf(part: string): Limits {
  return part === 'part3' ? { ...defaultLimits, dataBytes: 16 * 2 ** 30 } : defaultLimits;
}

export interface SandboxedCommand {
  readonly kind: SandboxKind;
  /** Folders and files that it may read: where they lie, and where it sees them. Without a sandbox, both must be the same. */
  readonly mounts: readonly Mount[];
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly limits: Limits;
  /** A user number above those of the machine's users; each running submission has its own. */
  readonly user: number;
  /** Whether it shares the network of the process that starts it. */
  readonly hasNetwork?: boolean;
}

/**
 * A command whose processes see all files, and no network but a loopback address of their own. All of them end with it, also those
 * that it has just started in sandboxes: they have a process number space of their own, which ends with its first process.
 */
export function withoutNetwork(command: readonly string[]): string[] {
  const rights = isRoot() ? ['--cap-add', 'ALL'] : ['--unshare-user'];
  const spaces = ['--unshare-net', '--unshare-pid', '--proc', '/proc', '--die-with-parent'];
  return ['bwrap', '--dev-bind', '/', '/', ...spaces, ...rights, '--', ...command];
}

/** The scratch folder, as the command sees it; it is the current folder, too. */
const scratchFolder = '/tmp';

/** The complete command. Its file descriptors are passed on. */
export function sandboxed(options: SandboxedCommand): string[] {
  const limited = [...limitCommand(options.limits), ...options.command];
  switch (options.kind) {
    case 'bubblewrap':
      return [...bubblewrap(options), '--', ...(isRoot() ? [...asUser(options.user), ...limited] : limited)];
    case 'user':
      return [
        ...(options.hasNetwork !== true && networkCanBeTaken() ? ['unshare', '--net', '--ipc', '--'] : []),
        ...[
          'env',
          '--ignore-environment',
          ...Object.entries(options.env).map(([name, value]) => `${name}=${value}`),
        ],
        ...[...asUser(options.user), ...limited],
      ];
    case 'none':
      return limited;
  }
}

function bubblewrap({ mounts, env, limits, hasNetwork }: SandboxedCommand): string[] {
  const refused = refusedCallsFile();
  const system = ['/lib', '/lib64', '/bin', '/sbin'].flatMap((path) => ['--symlink', `usr${path}`, path]);
  return [
    ...(refused === undefined ? [] : withFile(refused)),
    'bwrap',
    ...(refused === undefined ? [] : ['--seccomp', String(refusedCallsDescriptor)]),
    ...(isRoot() ? [] : ['--unshare-user']),
    ...['--unshare-ipc', '--unshare-pid', '--unshare-uts', '--unshare-cgroup-try'],
    ...(hasNetwork ? [] : ['--unshare-net']),
    ...['--die-with-parent', '--new-session', '--hostname', 'sandbox', '--clearenv'],
    ...['--ro-bind', '/usr', '/usr', ...system],
    // Otherwise, bubblewrap makes it for itself alone.
    ...['--perms', '0755', '--dir', '/etc'],
    // Programs find their libraries by it.
    ...[
      '--ro-bind-try',
      '/etc/ld.so.cache',
      '/etc/ld.so.cache',
      '--ro-bind-try',
      '/etc/alternatives',
      '/etc/alternatives',
    ],
    ...['--proc', '/proc', '--dev', '/dev'],
    ...['--perms', '1777', '--size', String(limits.scratchBytes), '--tmpfs', scratchFolder],
    ...[...new Set(mounts.map(({ to }) => dirname(to)))]
      .filter((folder) => folder !== '/')
      .flatMap((folder) => ['--perms', '0755', '--dir', folder]),
    ...mounts.flatMap(({ from, to, isWritable }) => [isWritable === true ? '--bind' : '--ro-bind', from, to]),
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    // Both are file systems in memory, without a limit.
    ...['--remount-ro', '/dev', '--remount-ro', '/'],
    ...['--chdir', scratchFolder],
  ];
}

/** Free in all processes that a judge starts. */
const refusedCallsDescriptor = 9;

/** Runs what follows with the file open: bubblewrap closes it after reading. */
function withFile(path: string): string[] {
  return ['sh', '-c', `exec ${refusedCallsDescriptor}<"$0"; exec "$@"`, path];
}

function limitCommand({ dataBytes, processes, fileBytes, openFiles }: Limits): string[] {
  return [
    'prlimit',
    `--data=${dataBytes}`,
    `--nproc=${processes}`,
    `--fsize=${fileBytes}`,
    '--core=0',
    `--nofile=${openFiles}`,
    '--',
  ];
}

function asUser(user: number): string[] {
  const id = String(user);
  return [
    'setpriv',
    '--reuid',
    id,
    '--regid',
    id,
    '--clear-groups',
    '--no-new-privs',
    '--inh-caps=-all',
    '--bounding-set=-all',
    '--',
  ];
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The best sandbox that can be used here. Each is tried, since a program that is there may not be allowed to work. */
export function availableSandbox(): SandboxKind | undefined {
  const kinds = isRoot() ? (['bubblewrap', 'user'] as const) : (['bubblewrap'] as const);
  return kinds.find((kind) => {
    const options = { mounts: [], command: ['true'], env: { PATH: '/usr/bin:/bin' }, limits: defaultLimits };
    const [command = '', ...args] = sandboxed({ kind, user: firstUser, ...options });
    return works(command, args);
  });
}

function works(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: tryDeadlineMs, cwd: '/' }).status === 0;
}

let isNetworkTaken: boolean | undefined;

/** Whether root may give a command a network of its own, which has nothing in it. */
export function networkCanBeTaken(): boolean {
  isNetworkTaken ??= works('unshare', ['--net', '--ipc', '--', 'true']);
  return isNetworkTaken;
}

/** The first of these folders that a submission in the sandbox `user` could read. */
export function readableToAll(folders: readonly string[]): string | undefined {
  const user = asUser(firstUser);
  return folders.find((folder) => works('setpriv', [...user.slice(1), 'ls', '--', folder]));
}

const tryDeadlineMs = 10_000;

/** User numbers from here on are given to nobody. */
const firstUser = 2_000_000_000;
const users = 100_000;
const programsMax = 1_000;

/**
 * Sets the number that {@link userOf} begins with in a judge: process numbers of judges repeat, because each has a space of its own.
 */
export const judgeVariable = 'TABLELAB_JUDGE_NUMBER';

/** For {@link judgeVariable}: not likely to be that of another judge on this machine. */
export function judgeNumber(): number {
  return randomInt(users);
}

/**
 * A user number that is not likely to be used by another grader at the same time. Each program that a judge starts has its own,
 * because the limit of processes counts those of a user.
 */
export function userOf(program = 0): number {
  const judge = Number(process.env[judgeVariable] ?? process.pid);
  return firstUser + (judge % users) + users * (program % programsMax);
}

/** Ends all processes of a user, and removes what it has left in the folders in which all may write. */
export function endUser(user: number): void {
  // A process may start others meanwhile; its number of processes is limited, and stopped ones start none.
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
    for (const pid of processesOf(user)) {
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended already.
      }
    }
  }
  for (const folder of ['/tmp', '/var/tmp', '/dev/shm'].filter((path) => existsSync(path))) {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (lstatSync(path, { throwIfNoEntry: false })?.uid === user)
        rmSync(path, { recursive: true, force: true });
    }
  }
}

function processesOf(user: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => lstatSync(join('/proc', name), { throwIfNoEntry: false })?.uid === user)
    .map(Number);
}

export function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
