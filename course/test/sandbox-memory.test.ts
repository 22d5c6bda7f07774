/**
 * Memory that belongs to no process counts for no limit: so it cannot be had in a sandbox of the system, and elsewhere files in memory
 * count with the memory of the processes that have them open.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@tablelab/shared/testing';
import t from 'tap';
import { Watchdog } from '../src/grade/remote/watchdog.ts';
import { availableSandbox, defaultLimits, sandboxed, userOf } from '../src/grade/sandbox.ts';

const skip = availableSandbox() === 'bubblewrap' ? false : 'bubblewrap is not available';
const calls = { x64: { memfdCreate: 319, mmap: 9 }, arm64: { memfdCreate: 279, mmap: 222 } }[
  process.arch as 'x64' | 'arm64'
];
const deadlineMs = 30_000;

function run(command: readonly string[]): { status: number | null; text: string } {
  const [program = '', ...args] = sandboxed({
    kind: 'bubblewrap',
    mounts: [],
    command,
    env: { PATH: '/usr/bin:/bin' },
    limits: defaultLimits,
    user: userOf(1),
  });
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: deadlineMs });
  return { status, text: stdout + stderr };
}

/** Each prints `taken` if the memory can be had. */
const ways: readonly { name: string; command: readonly string[] }[] = [
  {
    name: 'an anonymous file',
    command: [
      'perl',
      '-e',
      `my $name = "file\\0"; print syscall(${calls.memfdCreate}, $name, 0) < 0 ? $! : "taken"`,
    ],
  },
  {
    name: 'a segment of System V',
    command: ['perl', '-e', 'print defined(shmget(0, 1 << 28, 0600)) ? "taken" : $!'],
  },
  {
    name: 'a shared mapping',
    // PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS
    command: ['perl', '-e', `print syscall(${calls.mmap}, 0, 1 << 20, 3, 0x21, -1, 0) == -1 ? $! : "taken"`],
  },
  {
    name: 'a file system in memory',
    command: [
      'unshare',
      '--user',
      '--map-root-user',
      '--mount',
      '--propagation',
      'unchanged',
      'sh',
      '-c',
      'mount -t tmpfs none /tmp && echo taken',
    ],
  },
  { name: 'a file in /dev/shm', command: ['sh', '-c', 'echo > /dev/shm/file && echo taken'] },
  { name: 'a file beside the mounted folders', command: ['sh', '-c', 'echo > /file && echo taken'] },
];

for (const { name, command } of ways) {
  t.test(`memory that no limit counts: ${name} is refused in the sandbox`, { skip }, async (t) => {
    const { text } = run(command);
    t.match(text, /not permitted|[Pp]ermission denied|Read-only file system/);
    t.notMatch(text, /taken/);
  });
}

t.test('a private mapping, as every program needs it, is not refused', { skip }, async (t) => {
  const command = [
    'perl',
    '-e',
    `print syscall(${calls.mmap}, 0, 1 << 20, 3, 0x22, -1, 0) == -1 ? $! : "taken"`,
  ];
  t.same(run(command), { status: 0, text: 'taken' });
});

t.test('the watchdog counts files in memory that a process has open', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tablelab-watchdog-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const residentBytes = 256 * 2 ** 20;
  const program = `
    for my $number (1 .. 300) {
      my $name = "file\\0";
      open(my $file, "+<&=", syscall(${calls.memfdCreate}, $name, 0)) or die $!;
      syswrite($file, "x" x (1 << 20)) or die $!;
      push @files, $file;
    }
    print "taken\\n";
    sleep;`;
  const child = spawn('perl', ['-e', `$| = 1; our @files; ${program}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  const watchdog = new Watchdog({ residentBytes });
  watchdog.watch(child.pid ?? 0, { limitMs: deadlineMs, pipePath: join(folder, 'none') });
  await eventually(() => watchdog.reason !== undefined, { deadlineMs, what: 'the watchdog' });
  t.equal(watchdog.reason, 'memory');
  t.equal((await ended)[1], 'SIGKILL');
});
