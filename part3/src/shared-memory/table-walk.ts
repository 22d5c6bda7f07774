import { assert } from '@tablelab/shared';
import { type SharedTableHandle, TableMemory } from './table-memory.ts';

/** What a step of a walk has visited. */
export interface WalkedEntries {
  /** One after the other, each in part 1's serialization format. */
  readonly entries: Uint8Array;
  /** Where the next step begins; undefined: there is none. */
  readonly next: number | undefined;
}

// A cursor is the number of a list and the order of a node in it: the upper bits of the node's hash.
//
//     | list, 29 bits | order, 24 bits |
const orders = 2 ** 24;
const orderShift = 8;

/** The largest number of lists visited in one step. */
const listsPerStepMax = 16_384;

/** The bytes of an entry without its key and value: two sizes and a NUL. */
const entryHeaderBytes = 9;

/**
 * A walk through a shared table in steps, between which the table may change. **The caller must hold the table's
 * mutex.**
 *
 * Guarantee: an entry that exists from the beginning to the end of the walk is visited at least once. The walk visits
 * the lists by rising number, and the nodes of a list by their order, which never changes. When a list is split, its
 * nodes stay or move to a list with a higher number, where they are visited, possibly for the second time.
 */
export class TableWalk {
  readonly #memory: TableMemory;

  constructor(handle: SharedTableHandle) {
    this.#memory = new TableMemory(handle);
  }

  /**
   * Returns entries from `cursor` on, which is 0 at first: about `bytesMax` bytes, or one longer entry, or none, even
   * in the middle of the walk. Entries are in part 1's serialization format.
   */
  read(cursor: number, bytesMax: number): WalkedEntries {
    this.#memory.renewViews();
    const lists = this.#memory.listCount;
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
    const memory = this.#memory;
    const { size } = memory;
    const found: number[] = [];
    let met = 0;
    for (let node = memory.firstOf(list); node !== 0; node = memory.nextOf(node)) {
      assert(met < size, 'the lists hold no more nodes than the table has entries');
      met += 1;
      if (this.#orderOf(node) >= order) found.push(node);
    }
    return found;
  }

  /**
   * Moves nodes from `found` to `nodes` in their order while they fit, and at least one if `nodes` is empty. Nodes of
   * equal order stay together. Returns the order of the first node left, which may be the first of all.
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
    return this.#memory.hashOf(node) >>> orderShift;
  }

  #bytesOf(node: number): number {
    return entryHeaderBytes + this.#memory.keyLengthOf(node) + this.#memory.valueLengthOf(node);
  }

  #sum(nodes: readonly number[]): number {
    let bytes = 0;
    for (const node of nodes) bytes += this.#bytesOf(node);
    return bytes;
  }

  /** Produces the same bytes as part 1's `entryToBuffer`. */
  #serialize(nodes: readonly number[]): Uint8Array {
    const buffer = new Uint8Array(this.#sum(nodes));
    const view = new DataView(buffer.buffer);
    let at = 0;
    for (const node of nodes) {
      const key = this.#memory.keyOf(node);
      const value = this.#memory.valueOf(node);
      view.setUint32(at, key.length + 1);
      buffer.set(key, at + 4);
      view.setUint32(at + 4 + key.length + 1, value.length);
      buffer.set(value, at + entryHeaderBytes + key.length);
      at += entryHeaderBytes + key.length + value.length;
    }
    return buffer;
  }
}
