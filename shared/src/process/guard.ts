import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Ensures that a child does not outlive this process, even if SIGKILL ends this process. The guard is a shell that reads
 * from a pipe whose only writer is this process. When the pipe ends, it kills the child and removes `folder`.
 *
 * The guard must be dismissed as soon as the child has ended: from then on the system may reuse the process number.
 */
export class Guard {
  readonly #shell: ChildProcess;

  /**
   * @param pid the child; undefined if there is only a folder
   * `group`: the child leads a process group, and all of it is killed.
   */
  constructor(
    pid: number | undefined,
    { folder, group = false }: { folder?: string | undefined; group?: boolean } = {},
  ) {
    const script =
      'read -r _; if [ -n "$1" ]; then kill -9 "$1"; fi; if [ -n "$2" ]; then rm -rf -- "$2"; fi';
    const target = pid === undefined ? '' : String(group ? -pid : pid);
    this.#shell = spawn('/bin/sh', ['-c', script, 'guard', target, folder ?? ''], {
      stdio: ['pipe', 'ignore', 'ignore'],
      // In a separate session, so that Ctrl-C in a terminal does not end the guard before the child.
      detached: true,
    });
    this.#shell.unref();
    (this.#shell.stdin as unknown as { unref?: () => void }).unref?.();
    // Without a guard the child is unprotected, but works.
    this.#shell.on('error', () => undefined);
  }

  /** Ends the guard and leaves the child alone. */
  async dismiss(): Promise<void> {
    if (this.#shell.pid === undefined || this.#shell.exitCode !== null || this.#shell.signalCode !== null)
      return;
    this.#shell.ref();
    const ended = once(this.#shell, 'exit');
    this.#shell.kill('SIGKILL');
    await ended;
  }
}
