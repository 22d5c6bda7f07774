import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.ts';

export const root = join(import.meta.dirname, '..');

/** Copies the files of this working tree into a folder, as a clone would, but with uncommitted changes. */
export async function cloneInto(folder: string): Promise<void> {
  const listed = await run(
    'git',
    ['-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    {
      deadlineMs: 30_000,
    },
  );
  for (const file of listed.split('\0')) {
    if (file !== '' && existsSync(join(root, file)))
      cpSync(join(root, file), join(folder, file), { recursive: true });
  }
}
