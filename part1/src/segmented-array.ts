import { must } from '@tablelab/shared';

/** Items in a segment. Copying that many pointers takes far less than a millisecond. */
const segmentItemsMax = 1024;

/**
 * An array that grows at its end without a pause. A JavaScript array that is full moves all its items into a larger
 * block: with a million items, that one `push` takes milliseconds. This array starts a new segment instead. A push moves at
 * most the items of one segment, or the list of segments, which is 1024 times shorter than the array.
 *
 * Invariant: every segment but the last is full.
 */
export class SegmentedArray<T> {
  readonly #segments: T[][] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length % segmentItemsMax === 0) this.#segments.push([]);
    this.#segments.at(-1)?.push(item);
    this.#length += 1;
  }

  /** @throws AssertionFailure for an index outside the array, which is a bug of the caller */
  at(index: number): T {
    const item = this.#segments[Math.floor(index / segmentItemsMax)]?.[index % segmentItemsMax];
    return must(item, `index ${index} lies within the ${this.#length} items`);
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (const segment of this.#segments) yield* segment;
  }
}
