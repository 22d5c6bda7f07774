import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Sees to it that a child does not outlive this process, however this process ends (SIGKILL included): a shell that
 * waits for the end of a pipe whose only writer is this process, then kills the child and removes `folder`.
 *
 * The guard must be dismissed as soon as the child has ended, because its process number may then be given to another.
 */
export class Guard {
  readonly #shell: ChildProcess;

  constructor(pid: number, folder?: string) {
    const script = 'read -r _; kill -9 "$1"; if [ -n "$2" ]; then rm -rf -- "$2"; fi';
    this.#shell = spawn('/bin/sh', ['-c', script, 'guard', String(pid), folder ?? ''], {
      stdio: ['pipe', 'ignore', 'ignore'],
      // In a session of its own, so that Ctrl-C in a terminal does not end the guard before what it guards.
      detached: true,
    });
    this.#shell.unref();
    (this.#shell.stdin as unknown as { unref?: () => void }).unref?.();
    // A guard that could not be started leaves the child unguarded, which is no reason to fail.
    this.#shell.on('error', () => undefined);
  }

  /** Ends the guard without effect on what it guarded. */
  async dismiss(): Promise<void> {
    if (this.#shell.pid === undefined || this.#shell.exitCode !== null || this.#shell.signalCode !== null)
      return;
    this.#shell.ref();
    const ended = once(this.#shell, 'exit');
    this.#shell.kill('SIGKILL');
    await ended;
  }
}
