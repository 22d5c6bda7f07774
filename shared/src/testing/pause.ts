import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { eventually } from './eventually.ts';

const deadlineMs = 10_000;

/**
 * Stops a process until it is sent SIGCONT, and waits until all its threads stand still. Right after SIGSTOP alone, threads
 * that have not been scheduled since still answer.
 */
export async function pauseProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await eventually(() => isPaused(pid), { deadlineMs, what: `process ${pid} to stand still` });
}

/** Whether all threads of a process stand still. */
export function isPaused(pid: number): boolean {
  return threadStates(pid).every((state) => state === 'T');
}

/** What the kernel says of each thread: T is stopped, S sleeping, R running. Elsewhere than on Linux, of the process. */
function threadStates(pid: number): string[] {
  if (process.platform !== 'linux') {
    return [
      spawnSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' })
        .stdout.trim()
        .slice(0, 1),
    ];
  }
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    // The name of the program, in parentheses, may hold anything.
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    return stat.charAt(stat.lastIndexOf(')') + 2);
  });
}
