import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { eventually } from './eventually.ts';

const deadlineMs = 10_000;

/**
 * Sends SIGSTOP to a process and waits until all its threads have stopped. Without waiting, a thread that the system has
 * not scheduled since the signal may still run and answer. SIGCONT resumes the process.
 */
export async function pauseProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await eventually(() => isPaused(pid), { deadlineMs, what: `process ${pid} to stop` });
}

/** Whether all threads of a process are stopped. */
export function isPaused(pid: number): boolean {
  return threadStates(pid).every((state) => state === 'T');
}

/** The state of each thread: T is stopped, S sleeping, R running. On systems other than Linux, the state of the process. */
function threadStates(pid: number): string[] {
  if (process.platform !== 'linux') {
    return [
      spawnSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' })
        .stdout.trim()
        .slice(0, 1),
    ];
  }
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    // The program's name, in parentheses before the state, may contain any characters.
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    return stat.charAt(stat.lastIndexOf(')') + 2);
  });
}
