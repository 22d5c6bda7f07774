import { checkText } from '@tablelab/shared';
import { checkEntry, type Entry } from './entry.ts';

/** A node of the list. `next` is undefined in the last one. */
interface Node {
  entry: Entry;
  next: Node | undefined;
}

/**
 * A singly linked list of entries (assignment part 1). Invariant: no two entries have the same key, and the entries are in
 * the order in which their keys were first added.
 *
 * The list stores and returns the entry objects themselves, without copying them. `Table` makes the copies.
 */
export class List implements Iterable<Entry> {
  #first: Node | undefined;
  #size = 0;

  /** The number of entries. */
  get size(): number {
    return this.#size;
  }

  /**
   * Appends the entry, or replaces the one with the same key.
   * @returns whether the list grew.
   */
  add(entry: Entry): boolean {
    checkEntry(entry);
    let last: Node | undefined;
    for (let node = this.#first; node !== undefined; node = node.next) {
      if (node.entry.key === entry.key) {
        node.entry = entry;
        return false;
      }
      last = node;
    }
    this.#append(last, entry);
    return true;
  }

  /** The entry with that key, or undefined. */
  get(key: string): Entry | undefined {
    checkText('a key', key);
    for (let node = this.#first; node !== undefined; node = node.next) {
      if (node.entry.key === key) return node.entry;
    }
    return undefined;
  }

  /** Removes the entry with that key; returns whether it was present. */
  remove(key: string): boolean {
    checkText('a key', key);
    let previous: Node | undefined;
    for (let node = this.#first; node !== undefined; node = node.next) {
      if (node.entry.key === key) {
        this.#unlink(previous, node);
        return true;
      }
      previous = node;
    }
    return false;
  }

  /** The keys, in the list's order. */
  keys(): string[] {
    return Array.from(this, (entry) => entry.key);
  }

  /** The entries, in the list's order. The list must not be changed meanwhile. */
  *[Symbol.iterator](): Generator<Entry, void, undefined> {
    for (let node = this.#first; node !== undefined; node = node.next) yield node.entry;
  }

  /**
   * Moves the entries for which `moves` returns true into a new list. Both lists keep their order. A growing table uses
   * this to split a list in one pass.
   */
  split(moves: (entry: Entry) => boolean): List {
    const moved = new List();
    let lastMoved: Node | undefined;
    let lastKept: Node | undefined;
    for (let node = this.#first; node !== undefined; node = node.next) {
      if (moves(node.entry)) {
        this.#unlink(lastKept, node);
        lastMoved = moved.#append(lastMoved, node.entry);
      } else {
        lastKept = node;
      }
    }
    return moved;
  }

  /** Appends behind `last`, which must be the last node, or undefined in an empty list. */
  #append(last: Node | undefined, entry: Entry): Node {
    const node: Node = { entry, next: undefined };
    if (last === undefined) this.#first = node;
    else last.next = node;
    this.#size += 1;
    return node;
  }

  /** Removes `node`; `previous` must be the node before it, or undefined for the first one. */
  #unlink(previous: Node | undefined, node: Node): void {
    if (previous === undefined) this.#first = node.next;
    else previous.next = node.next;
    this.#size -= 1;
  }
}
