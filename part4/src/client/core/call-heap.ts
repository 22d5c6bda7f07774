import type { CallId } from './client-effects.ts';

export interface HeapEntry {
  /** The lowest comes first; among equal ones, the call made first. */
  readonly order: number;
  readonly call: CallId;
}

/**
 * A binary heap of calls in a plain array: entry `i` comes before the entries `2 i + 1` and `2 i + 2`.
 *
 * A finished call leaves its entry behind, because skipping the entry later is cheaper than finding it now. So an entry
 * counts only while its call is in `calls`, the calls without a result. Stale entries are removed when they make up
 * more than half of the array.
 */
export type CallHeap = HeapEntry[];

/** Tells which calls have no result yet. */
interface LiveCalls {
  readonly size: number;
  has(call: CallId): boolean;
}

/** This many stale entries are always allowed: a short heap needs no clean-up. */
const leftOverMin = 64;

export function pushCall(heap: CallHeap, entry: HeapEntry, calls: LiveCalls): void {
  if (heap.length > 2 * calls.size + leftOverMin) dropLeftOver(heap, calls);
  heap.push(entry);
  let index = heap.length - 1;
  while (index > 0) {
    const above = (index - 1) >> 1;
    if (!comesBefore(entry, heap[above] as HeapEntry)) break;
    heap[index] = heap[above] as HeapEntry;
    index = above;
  }
  heap[index] = entry;
}

/** The first entry that counts. Stale entries before it are removed. */
export function firstCall(heap: CallHeap, calls: LiveCalls): HeapEntry | undefined {
  for (let [first] = heap; first !== undefined; [first] = heap) {
    if (calls.has(first.call)) return first;
    popCall(heap);
  }
  return undefined;
}

/** Removes the first entry. */
export function popCall(heap: CallHeap): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    let below = 2 * index + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && comesBefore(heap[below + 1] as HeapEntry, heap[below] as HeapEntry)) {
      below += 1;
    }
    if (!comesBefore(heap[below] as HeapEntry, last)) break;
    heap[index] = heap[below] as HeapEntry;
    index = below;
  }
  heap[index] = last;
}

export function comesBefore(one: HeapEntry, other: HeapEntry): boolean {
  return one.order === other.order ? one.call < other.call : one.order < other.order;
}

function dropLeftOver(heap: CallHeap, calls: LiveCalls): void {
  let kept = 0;
  for (const entry of heap) {
    if (!calls.has(entry.call)) continue;
    heap[kept] = entry;
    kept += 1;
  }
  heap.length = kept;
  // A sorted array is a heap.
  heap.sort((one, other) => (comesBefore(one, other) ? -1 : 1));
}
