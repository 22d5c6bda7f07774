import { assert } from '@tablelab/shared';
import { baseWord, hash, listsWord, next, sizeWord } from './table-layout.ts';
import type { TableMemory } from './table-memory.ts';

/**
 * The array of lists of a shared table, which grows by one list at a time: linear hashing, see part 1's `Table`. Its
 * invariants on `lists` and `base` hold here, with an n that is a power of two.
 */
export class TableLists {
  readonly #memory: TableMemory;

  constructor(memory: TableMemory) {
    this.#memory = memory;
  }

  /** Splits one list into two. Without memory for another list, lists become longer instead. */
  add(): void {
    const { words } = this.#memory;
    const added = words[listsWord] as number;
    const base = words[baseWord] as number;
    if (added === this.#memory.lists.length && !this.#memory.growLists()) return;
    const lists = this.#memory.lists;
    let moved = 0;
    let kept = 0;
    const divided = added - base;
    let node = lists[divided] as number;
    // The loop ends even in a circular list: its links are reversed on the way, so a repeated node leads back to the
    // first.
    while (node !== 0) {
      const following = words[node * 2 + next] as number;
      if (((words[node * 2 + hash] as number) & (2 * base - 1)) === added) {
        words[node * 2 + next] = moved;
        moved = node;
      } else {
        words[node * 2 + next] = kept;
        kept = node;
      }
      node = following;
    }
    lists[divided] = kept;
    lists[added] = moved;
    words[listsWord] = added + 1;
    if (added + 1 === 2 * base) words[baseWord] = 2 * base;
  }

  /** Updates the list of a node that has moved from `from` to `to`. */
  relink(from: number, to: number): void {
    const { words, lists } = this.#memory;
    const list = this.#memory.listOf(words[to * 2 + hash] as number);
    let node = lists[list] as number;
    if (node === from) {
      lists[list] = to;
      return;
    }
    for (let nodesLeft = words[sizeWord] as number; node !== 0 && nodesLeft > 0; nodesLeft -= 1) {
      const nextAt = node * 2 + next;
      node = words[nextAt] as number;
      if (node !== from) continue;
      words[nextAt] = to;
      return;
    }
    assert(false, 'a node in use is in the list of its hash');
  }
}
