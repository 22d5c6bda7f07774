import type { KeyPage } from '@tablelab/part1';
import { TableError } from '@tablelab/shared';
import type { ScanPosition } from '../wire/operations.ts';

/** The part of a stub that a walk through the keys needs. */
export interface KeyScanner {
  /**
   * Some of the keys that begin with `prefix`, possibly none. `next`: the `from` for the next call, 0 if these were the
   * last.
   */
  scanPage(prefix: string, position: ScanPosition): Promise<KeyPage>;
}

/** With more keys than this, completion does not help. */
const completionKeysMax = 1_000;
/** Nor is it worth more requests. */
const completionPagesMax = 100;

/** The keys that begin with `prefix`, page by page. Each key that exists all the time is returned once. */
export async function* scanKeys(
  scanner: KeyScanner,
  prefix: string,
): AsyncGenerator<string, void, undefined> {
  let from = 0;
  do {
    const { keys, next } = await scanner.scanPage(prefix, { from, limit: 0 });
    yield* keys;
    from = next;
  } while (from !== 0);
}

/** All keys in one reply (read at one moment if there are few), or page by page if they do not fit into one. */
export async function allKeys(
  inOneReply: () => Promise<string[]>,
  pageByPage: () => AsyncIterable<string>,
): Promise<string[]> {
  try {
    return await inOneReply();
  } catch (error) {
    if (!(error instanceof TableError) || error.code !== 'TOO_LARGE') throw error;
    const keys: string[] = [];
    for await (const key of pageByPage()) keys.push(key);
    return keys;
  }
}

/** All keys that begin with `prefix`, or none if there are too many to choose from. */
export async function keysToComplete(scanner: KeyScanner, prefix: string): Promise<readonly string[]> {
  const found: string[] = [];
  let from = 0;
  for (let page = 0; page < completionPagesMax; page += 1) {
    const { keys, next } = await scanner.scanPage(prefix, { from, limit: completionKeysMax });
    found.push(...keys);
    if (next === 0) return found;
    if (found.length > completionKeysMax) return [];
    from = next;
  }
  return [];
}
