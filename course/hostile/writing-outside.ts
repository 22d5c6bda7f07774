/** Writes wherever it can. */
import { appendFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const folders = [
  '/',
  '/kit',
  '/kit/part1/src',
  '/host',
  '/usr',
  '/etc',
  '/var/tmp',
  '/dev/shm',
  '/work',
  'REFERENCE',
  'SUBMISSION',
  'REPORTS',
];
for (const folder of folders) {
  try {
    appendFileSync(join(folder, 'MARK'), 'was here');
  } catch {
    // Not here.
  }
}
try {
  symlinkSync('REFERENCE', '/tmp/reference');
  appendFileSync('/tmp/reference/MARK', 'was here');
} catch {
  // Nor there.
}
