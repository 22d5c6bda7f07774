import { TableError } from '@tablelab/shared';

/** Some keys of a table, and where to go on. */
export interface KeyPage {
  readonly keys: readonly string[];
  /** The next call's `from`; 0: these were the last keys. */
  readonly next: number;
}

export interface ScanOptions {
  /** Only keys that begin with it. */
  readonly prefix: string;
  /** 0 at first, then what the call before has returned as `next`. */
  readonly from: number;
  /** How many keys at most; more only where all bits of their hashes are equal, since a walk takes such keys in one go. */
  readonly keysMax: number;
}

/** What one call of `scan` looks at, in lists and entries, whether they have the prefix or not. */
const scannedMax = 1_024;

/** And what its keys take, in UTF-16 code units: only one that is longer exceeds it. */
const scannedUnitsMax = 128 * 1024;

/** The bits of a hash. */
const hashes = 2 ** 32;

/** Positions are below it, whatever the number of lists is. What is above them in `next` names the table. */
const positions = 2 ** 33;

const tableNames = 2 ** 20;

/**
 * The order in which a walk visits the keys of a table that grows by linear hashing. Each step can begin where the last one
 * ended, even if keys were added or removed and lists were split in between.
 *
 * A hash is `quotient * n + remainder`, with n the lists at the beginning. A list that is divided keeps the remainder of its
 * hashes, and one more of the lower bits of their quotients becomes the same in all of them. So with the bits of the quotient in
 * *reverse*, each list has one interval of positions, and to divide it is to halve its interval:
 *
 *     position = remainder * 2^bits + reverse(quotient)
 *
 * Invariant: a key's position never changes, and no list has two intervals.
 */
export class WalkOrder {
  readonly #n: number;
  readonly #quotients: number;
  readonly #bits: number;

  /** `n`: how many lists the table began with. */
  constructor(n: number) {
    this.#n = n;
    this.#bits = Math.ceil(Math.log2(hashes / n));
    this.#quotients = 2 ** this.#bits;
  }

  /** Of a key with this hash, a whole number below 2^32. */
  positionOf(hash: number): number {
    const quotient = Math.floor(hash / this.#n);
    return (hash - quotient * this.#n) * this.#quotients + this.#reverse(quotient);
  }

  /** The list whose interval has `position` in it, and where that ends; `base` as in `Table`. Undefined behind the last one. */
  listAt(
    position: number,
    { base, lists }: { readonly base: number; readonly lists: number },
  ): { readonly list: number; readonly end: number } | undefined {
    const remainder = Math.floor(position / this.#quotients);
    if (remainder >= this.#n) return undefined;
    const reversed = position - remainder * this.#quotients;
    const quotient = this.#reverse(reversed);
    const parts = base / this.#n;
    const undivided = remainder + this.#n * (quotient % parts);
    const isDivided = undivided + base < lists;
    const partsHere = isDivided ? 2 * parts : parts;
    const width = Math.max(1, this.#quotients / partsHere);
    const list = remainder + this.#n * (quotient % partsHere);
    return { list, end: remainder * this.#quotients + (Math.floor(reversed / width) + 1) * width };
  }

  /** The lowest bit of `number` becomes the highest. */
  #reverse(number: number): number {
    let rest = number;
    let reversed = 0;
    for (let bit = 0; bit < 32; bit += 1) {
      reversed = (reversed << 1) | (rest & 1);
      rest >>>= 1;
    }
    return (reversed >>> 0) / 2 ** (32 - this.#bits);
  }
}

/** What stands in `from` and `next`: a position, and which table it belongs to, for it means nothing in another one. */
export class ScanCursor {
  readonly #first: number;

  /** `secret`: 32 bits that are another table's only by chance. */
  constructor(secret: number) {
    this.#first = (secret % tableNames) * positions;
  }

  /**
   * The page that `read` finds at the position in `from`.
   * @throws TableError BAD_REQUEST for a `from` that is not this table's
   */
  page(from: number, read: (position: number) => KeyPage): KeyPage {
    const position = from === 0 ? 0 : from - this.#first;
    if (from !== 0 && !(position > 0 && position < positions)) {
      throw new TableError('BAD_REQUEST', 'this scan was begun on another table: begin it anew');
    }
    const { keys, next } = read(position);
    return { keys, next: next === 0 ? 0 : this.#first + next };
  }
}

/** What a walk needs of a table whose nodes are `N`. */
export interface WalkedTable<N> {
  /** As in `Table`. */
  readonly base: number;
  readonly lists: number;
  nodesOf(list: number): readonly N[];
  hashOf(node: N): number;
  /** Undefined where the key does not begin with the prefix. */
  keyOf(node: N): string | undefined;
}

/** Some keys from `position` on, in the order of their positions; `next`, too, is a position, or 0. */
export function keysFrom<N>(
  table: WalkedTable<N>,
  order: WalkOrder,
  { position, keysMax }: { readonly position: number; readonly keysMax: number },
): KeyPage {
  const keys: string[] = [];
  let at = position;
  let units = 0;
  const isFull = () => keys.length >= keysMax || units >= scannedUnitsMax;
  for (let looked = 0; looked < scannedMax && !isFull(); looked += 1) {
    const found = order.listAt(at, table);
    if (found === undefined) return { keys, next: 0 };
    const nodes = table.nodesOf(found.list);
    looked += nodes.length;
    const inOrder = nodes
      .map((node) => ({ node, position: order.positionOf(table.hashOf(node)) }))
      .filter((one) => one.position >= at)
      .sort((one, other) => one.position - other.position);
    at = found.end;
    let last = -1;
    for (const { node, position } of inOrder) {
      if (isFull() && position !== last) {
        at = position;
        break;
      }
      last = position;
      const key = table.keyOf(node);
      if (key === undefined) continue;
      keys.push(key);
      units += key.length;
    }
  }
  return order.listAt(at, table) === undefined ? { keys, next: 0 } : { keys, next: at };
}
