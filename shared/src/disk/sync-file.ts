import type { Disk } from './disk.ts';

/** Syncs a file that another process has written: what it wrote may still be on its way to the disk. */
export async function syncFile(disk: Disk, name: string): Promise<void> {
  const file = await disk.open(name);
  await file.sync();
  await file.close();
}
