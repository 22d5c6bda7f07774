import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TableStore, type Write } from '@tablelab/part3';
import { eventually } from '@tablelab/shared/testing';
import type { Test } from 'tap';
import type { DataOptions } from '../../src/data/durable-writes.ts';

export const deadlineMs = 15_000;
export const bytes = (text: string) => Buffer.from(text);
export const text = (value: Uint8Array | undefined) => value && Buffer.from(value).toString();
export const del = (key: string): Write => ({ op: 'del', key, data: bytes('') });
export const put = (key: string, value: string): Write => ({ op: 'put', key, data: bytes(value) });

type Options = Partial<DataOptions> & { memoryBytesMax?: number };

/** A store with a disk, which is closed at the end of the test. */
export async function start(
  t: Test,
  directory: string,
  { memoryBytesMax = 1 << 24, ...data }: Options = {},
): Promise<TableStore> {
  const store = await TableStore.start({
    nLists: 4,
    memoryBytesMax,
    data: { directory, fsync: 'always', reserveBytes: 1, ...data },
  });
  t.teardown(() => store.close().catch(() => undefined));
  return store;
}

export async function submit(store: TableStore, write: Write): Promise<number> {
  let admission = store.submit(write);
  if (admission.type === 'wait') admission = await store.submitWhenRoom(write, deadlineMs);
  if (admission.type === 'refused') throw admission.error;
  return admission.opN;
}

/** Submits the writes, and waits until the last one has been executed. */
export async function execute(store: TableStore, ...writes: readonly Write[]): Promise<number[]> {
  const numbers: number[] = [];
  for (const write of writes) numbers.push(await submit(store, write));
  await eventually(() => store.verify(numbers.at(-1) ?? -1), { deadlineMs });
  return numbers;
}

/** A directory for data, below that of the test. */
export function dataDirectory(t: Test, name = 'data'): string {
  return join(t.testdir(), name);
}

/**
 * The directory as it would be if the process were killed now. This thread begins nothing meanwhile, so at most the call of the
 * disk that is under way ends: it may remove or rename a file, which a killed process would do without, too.
 */
export function killed(t: Test, directory: string): string {
  copies += 1;
  const copy = join(t.testdirName, `killed-${copies}`);
  mkdirSync(copy);
  for (const name of readdirSync(directory)) {
    if (name === 'lock') continue;
    try {
      copyFileSync(join(directory, name), join(copy, name));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
  return copy;
}
let copies = 0;
