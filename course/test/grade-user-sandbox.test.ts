/** The sandbox of machines on which bubblewrap is not allowed, as in most containers: as root, a user of its own. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@tablelab/shared/testing';
import t from 'tap';
import {
  defaultLimits,
  endUser,
  networkCanBeTaken,
  readableToAll,
  sandboxed,
  userOf,
} from '../src/grade/sandbox.ts';

const user = userOf(99);
const isRoot = process.getuid?.() === 0;
const deadlineMs = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'tablelab-user-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

/** A shell script in the sandbox. */
function command(script: string, as = user): [string, string[]] {
  const [program = '', ...args] = sandboxed({
    kind: 'user',
    mounts: [],
    command: ['sh', '-c', script],
    env: { PATH: '/usr/bin:/bin' },
    limits: defaultLimits,
    user: as,
  });
  return [program, args];
}

function run(script: string): { output: string; status: number | null } {
  const { stdout, stderr, status } = spawnSync(...command(script), { encoding: 'utf8', cwd: '/' });
  return { output: stdout + stderr, status };
}

/** One that has ended stays in the list until its parent has noticed. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

t.test(
  'a user of its own',
  { skip: isRoot ? false : 'only root can give a process another user' },
  async (t) => {
    t.equal(run('id -u; id -G').output, `${user}\n${user}\n`, 'and no group of another one');
    t.match(run('cat /proc/self/status').output, /CapEff:\t0+\n/, 'it has no capability');
    t.match(run('cat /proc/self/status').output, /NoNewPrivs:\t1/, 'and gets none');
    t.equal(run('echo "$HOME$SECRET"').output, '\n', 'nothing of the environment');

    const secret = join(folder, 'secret');
    mkdirSync(secret, { mode: 0o700 });
    writeFileSync(join(secret, 'solution.ts'), 'the solution');
    chmodSync(folder, 0o755);
    t.not(run(`cat ${secret}/solution.ts`).status, 0, 'a closed folder stays closed');
    t.equal(readableToAll([secret]), undefined);
    chmodSync(secret, 0o755);
    t.equal(readableToAll([secret]), secret, 'an open one is noticed');
    t.not(run(`echo x > ${secret}/solution.ts`).status, 0, 'but cannot be written');
    t.equal(readFileSync(join(secret, 'solution.ts'), 'utf8'), 'the solution');

    t.not(run(`kill -9 ${process.pid}`).status, 0, 'it cannot end the grader');
    t.not(run('head -c 3000000 /dev/zero > /tmp/tablelab-large').status, 0, 'a large file');
    t.ok(statSync('/tmp/tablelab-large', { throwIfNoEntry: false })?.size ?? 0 <= defaultLimits.fileBytes);
    t.match(
      run('for i in $(seq 100); do sleep 30 >/dev/null 2>&1 & done; echo all').output,
      /fork/i,
      'too many processes',
    );
    endUser(user);
    t.equal(statSync('/tmp/tablelab-large', { throwIfNoEntry: false }), undefined, 'what it left is removed');

    // The system counts processes that have ended, too, until the first process has noticed their end.
    const other = userOf(98);
    const child = spawn(...command('setsid sleep 1000 & echo $!; wait', other), {
      stdio: ['ignore', 'pipe', 'ignore'],
      cwd: '/',
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    await eventually(() => output.endsWith('\n'), {
      what: 'the process in a session of its own',
      deadlineMs,
    });
    t.ok(isRunning(Number(output)));
    endUser(other);
    await eventually(() => !isRunning(Number(output)), { what: 'its end', deadlineMs });
  },
);

t.test(
  'no network where the system lets root take it away',
  { skip: isRoot && networkCanBeTaken() ? false : 'not allowed here' },
  async (t) => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => server.close());
    const { port } = server.address() as { port: number };
    execFileSync('bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`]);
    t.not(run(`bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port}'`).status, 0);
  },
);
