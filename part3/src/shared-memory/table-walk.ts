import { assert } from '@tablelab/shared';
import {
  hash,
  keyLength,
  keyWord,
  listsWord,
  next,
  sizeWord,
  valueLength,
  valueStart,
} from './table-layout.ts';
import { type SharedTableHandle, TableMemory } from './table-memory.ts';

/** Where a walk has come to; 0 at its beginning. A number that means nothing to others. */
export type Cursor = number;

export interface EntriesRead {
  /** In part 1's serialization format, one after the other. */
  readonly entries: Uint8Array;
  /** Where to go on; undefined: that was all. */
  readonly next: Cursor | undefined;
}

// A cursor is the number of a list, and within it the order of a node: the upper bits of its hash.
//
//     | list, 29 bits | order, 24 bits |
const orders = 2 ** 24;
const orderShift = 8;

/** Lists looked at in one step, however few entries they hold. */
const listsPerStepMax = 16_384;

/** An entry's bytes beside those of its key and value: two sizes and a NUL. */
const entryOverheadBytes = 9;

/**
 * A walk through a shared table in steps, between which the table changes. **Whoever calls holds the table's mutex.**
 *
 * Guarantee: an entry that is there from the walk's beginning to its end is met at least once, as it was at that moment.
 * The walk goes through the lists upwards, and within a list through the nodes by their order, which never changes.
 * When a list is divided, its nodes stay or move to a list with a higher number: what moves is met there, maybe again.
 */
export class TableWalk {
  readonly #memory: TableMemory;

  constructor(handle: SharedTableHandle) {
    this.#memory = new TableMemory(handle);
  }

  /** The entries from `cursor` on: about `bytesMax` bytes, or one entry that is longer; maybe none, even amid the walk. */
  read(cursor: Cursor, bytesMax: number): EntriesRead {
    this.#memory.renewViews();
    const { words } = this.#memory;
    const lists = words[listsWord] as number;
    const first = Math.floor(cursor / orders);
    const end = Math.min(lists, first + listsPerStepMax);
    const nodes: number[] = [];
    let bytes = 0;
    for (let list = first; list < end; list += 1) {
      const found = this.#nodesOf(list, list === first ? cursor % orders : 0);
      const foundBytes = this.#sum(found);
      if (bytes + foundBytes > bytesMax) {
        const rest = this.#takeSome(found, { nodes, bytesLeft: bytesMax - bytes });
        return { entries: this.#serialize(nodes), next: list * orders + rest };
      }
      for (const node of found) nodes.push(node);
      bytes += foundBytes;
    }
    return { entries: this.#serialize(nodes), next: end < lists ? end * orders : undefined };
  }

  #nodesOf(list: number, order: number): number[] {
    const { words } = this.#memory;
    const size = words[sizeWord] as number;
    const found: number[] = [];
    let met = 0;
    for (let node = this.#memory.lists[list] as number; node !== 0; node = words[node * 2 + next] as number) {
      assert(met < size, 'the lists hold no more nodes than the table has entries');
      met += 1;
      if (this.#orderOf(node) >= order) found.push(node);
    }
    return found;
  }

  /**
   * Moves the first of `found`, in their order, to `nodes` as far as they fit: at least one if there are none yet. Those of
   * equal order stay together. Returns the order of the first that is left, which may be that of the first of all.
   */
  #takeSome(found: number[], { nodes, bytesLeft }: { nodes: number[]; bytesLeft: number }): number {
    const sorted = found.toSorted((one, other) => this.#orderOf(one) - this.#orderOf(other));
    let left = bytesLeft;
    let last = -1;
    for (const node of sorted) {
      const order = this.#orderOf(node);
      left -= this.#bytesOf(node);
      if (left < 0 && nodes.length > 0 && order !== last) return order;
      nodes.push(node);
      last = order;
    }
    return last + 1;
  }

  #orderOf(node: number): number {
    return (this.#memory.words[node * 2 + hash] as number) >>> orderShift;
  }

  #bytesOf(node: number): number {
    const { words } = this.#memory;
    const keyBytes = words[node * 2 + keyLength] as number;
    return entryOverheadBytes + keyBytes + (words[node * 2 + valueLength] as number);
  }

  #sum(nodes: readonly number[]): number {
    let bytes = 0;
    for (const node of nodes) bytes += this.#bytesOf(node);
    return bytes;
  }

  /** Byte by byte as part 1's `entryToBuffer` does it. */
  #serialize(nodes: readonly number[]): Uint8Array {
    const { words, bytes } = this.#memory;
    const buffer = new Uint8Array(this.#sum(nodes));
    const view = new DataView(buffer.buffer);
    let at = 0;
    for (const node of nodes) {
      const keyBytes = words[node * 2 + keyLength] as number;
      const valueBytes = words[node * 2 + valueLength] as number;
      const key = (node * 2 + keyWord) * 4;
      const value = valueStart(node, keyBytes);
      view.setUint32(at, keyBytes + 1);
      buffer.set(bytes.subarray(key, key + keyBytes), at + 4);
      view.setUint32(at + 4 + keyBytes + 1, valueBytes);
      buffer.set(bytes.subarray(value, value + valueBytes), at + entryOverheadBytes + keyBytes);
      at += entryOverheadBytes + keyBytes + valueBytes;
    }
    return buffer;
  }
}
