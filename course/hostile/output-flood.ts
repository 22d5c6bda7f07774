/** Prints 10 GB, to its outputs and into files. */
import { openSync, writeSync } from 'node:fs';

const block = Buffer.alloc(2 ** 20, 'x');
const files = [1, 2, ...Array.from({ length: 20 }, (_, index) => openSync(`/tmp/flood-${index}`, 'w'))];
for (let written = 0; written < 10 * 2 ** 30; written += block.length) {
  for (const file of files) {
    try {
      writeSync(file, block);
    } catch {
      // A limit.
    }
  }
}
