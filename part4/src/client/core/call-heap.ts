import type { CallId } from './client-effects.ts';

export interface HeapEntry {
  /** The lowest comes first; of equal ones the call that was made first. */
  readonly order: number;
  readonly call: CallId;
}

/**
 * A binary heap of calls in a plain array: entry `i` comes before the entries `2 i + 1` and `2 i + 2`.
 *
 * A call that is over leaves its entry behind: to skip the entry later costs less than to look for it now. So an entry
 * counts only while its call is among the calls without a result, which the functions here get as `calls`. Left-over
 * entries are dropped when they are more than half of the array.
 */
export type CallHeap = HeapEntry[];

/** Which calls have no result yet. */
interface LiveCalls {
  readonly size: number;
  has(call: CallId): boolean;
}

/** So many left-over entries are always allowed: short heaps are not worth a clean-up. */
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

/** The first entry that counts. Those that do not count, and lie before it, are dropped. */
export function firstCall(heap: CallHeap, calls: LiveCalls): HeapEntry | undefined {
  for (let [first] = heap; first !== undefined; [first] = heap) {
    if (calls.has(first.call)) return first;
    popCall(heap);
  }
  return undefined;
}

/** Takes the first entry out. */
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
  // What is sorted is a heap.
  heap.sort((one, other) => (comesBefore(one, other) ? -1 : 1));
}
