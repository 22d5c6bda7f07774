/** Takes all memory: on the heap, outside of it, and in other processes. */
import { spawn } from 'node:child_process';

const taken: unknown[] = [];

for (let index = 0; index < 8; index += 1) {
  const program = 'const taken = []; for (;;) taken.push(Buffer.alloc(2 ** 24, 1));';
  spawn(process.execPath, ['-e', program], { stdio: 'ignore' }).on('error', () => undefined);
}
for (;;) {
  try {
    taken.push(Buffer.alloc(2 ** 24, 1));
  } catch {
    taken.push(new Array(1_000_000).fill(taken.length));
  }
}
