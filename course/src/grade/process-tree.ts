import { readFileSync } from 'node:fs';

/** A process and its descendants, as far as they have not left the tree (by ending their parent). */
export function processTree(pid: number): number[] {
  const found = [pid];
  // The list grows while it is read.
  for (const one of found) {
    try {
      const children = readFileSync(`/proc/${one}/task/${one}/children`, 'utf8').trim();
      if (children !== '') found.push(...children.split(' ').map(Number));
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/**
 * Ends a process, its group and its descendants. In a process namespace, all of them end with its first process. A descendant that is
 * being made at this moment is found in the second round, because its parent is stopped first.
 */
export function killTree(pid: number): void {
  for (const one of processTree(pid)) signal(one, 'SIGSTOP');
  signal(-pid, 'SIGKILL');
  for (const one of processTree(pid)) signal(one, 'SIGKILL');
}

function signal(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch (error) {
    // ESRCH: it has ended already.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
