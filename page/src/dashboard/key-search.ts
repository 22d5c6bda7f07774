import type { ChainTable } from '@tablelab/part4';
import type { KeysFound } from './live-messages.ts';

/** How many keys an answer has, unless the last ones were found at once. */
const keysWanted = 50;

/** How many keys one request of a page looks at, at most, and how many of them in one request to the tail. */
const lookedMax = 10_000;
const pageKeysMax = 1_000;
const requestsMax = 20;

export interface KeyQuery {
  readonly prefix: string;
  /** What a key has to contain. */
  readonly contains: string;
  /** From the answer before; 0: from the beginning. */
  readonly from: number;
}

type Pages = Pick<ChainTable, 'scanPage'>;

/**
 * Some keys, from `from` on: as many as are shown, or fewer where many keys do not contain the text. It never asks for all keys, because
 * a walk goes on only when somebody wants the next page.
 * @throws TableError BAD_REQUEST when the tail is another one, and does not know `from`
 */
export async function findKeys(
  table: Pages,
  { prefix, contains, from }: KeyQuery,
  deadlineMs: number,
): Promise<KeysFound> {
  const found: string[] = [];
  let looked = 0;
  let next = from;
  for (let requests = 0; requests < requestsMax; requests += 1) {
    const room = keysWanted - found.length;
    // No more than there is room for, because what is left over of a page would be lost: `next` is behind all of it.
    const limit = contains === '' ? room : Math.max(room, Math.min(pageKeysMax, lookedMax - looked));
    const page = await table.scanPage(prefix, { from: next, limit }, { deadlineMs });
    found.push(...page.keys.filter((key) => key.includes(contains)));
    looked += page.keys.length;
    next = page.next;
    if (next === 0 || found.length >= keysWanted || looked >= lookedMax) break;
  }
  return { keys: found, next, looked };
}
