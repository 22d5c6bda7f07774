/**
 * Sends a signal to all processes of the group that `pid` leads. Without effect if they have all ended, or if `pid` is undefined
 * because the process could not be started.
 */
export function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch (error) {
    // All processes of the group have ended.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
