import { must } from '@tablelab/shared';

/** Items of a segment: copying a full segment's worth of pointers stays far below a millisecond. */
const segmentItemsMax = 1024;

/**
 * An array that grows at its end without a pause. A JavaScript array that is full moves all its items into a larger
 * block: at a million items, one `push` in a million takes milliseconds. This one starts a new segment instead, so a
 * push moves at most one segment's items, or the directory's, of which there are 1024 times fewer than items.
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

  /** @throws AssertionFailure where there is no such index: it would be its caller's bug. */
  at(index: number): T {
    const item = this.#segments[Math.floor(index / segmentItemsMax)]?.[index % segmentItemsMax];
    return must(item, `index ${index} lies within the ${this.#length} items`);
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (const segment of this.#segments) yield* segment;
  }
}
