import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Guard } from './guard.ts';

/** A folder of this process for temporary files. It does not outlive the process, even if SIGKILL ends that (see {@link Guard}). */
export class TemporaryFolder {
  readonly path: string;
  readonly #guard: Guard;

  /** @param prefix how its name begins */
  constructor(prefix: string) {
    this.path = mkdtempSync(join(tmpdir(), prefix));
    this.#guard = new Guard(undefined, { folder: this.path });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
    void this.#guard.dismiss();
  }
}
