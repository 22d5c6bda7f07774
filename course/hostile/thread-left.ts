/** Leaves threads, timers and a process behind that go on working. */
import { spawn } from 'node:child_process';
import { Worker } from 'node:worker_threads';

for (let count = 0; count < 2; count += 1)
  new Worker('for (;;);', { eval: true }).on('error', () => undefined);
setInterval(() => undefined, 1);
spawn('/bin/sh', ['-c', 'while :; do :; done # MARK'], { detached: true, stdio: 'ignore' }).unref();
