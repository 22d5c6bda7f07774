/** Where the moments of a run lie in the space-time diagram. */
import type { Frame, OperationPicture } from './recording.ts';

/** The frames that the diagram shows: a window around the present one. */
export interface Window {
  /** Places in the run's frames. */
  readonly first: number;
  readonly last: number;
}

/** About how wide a letter in the box of an operation is, in pixels. */
export const letterPx = 7;

/** How much of the window lies before the present frame. */
const pastShare = 0.7;

export function windowAround(place: number, frames: number, shown: number): Window {
  const first = Math.max(0, Math.min(Math.round(place - shown * pastShare), frames - shown));
  return { first, last: Math.min(first + shown, frames) - 1 };
}

/**
 * The place of a moment among the frames, with a fraction for one between two frames. The axis counts frames and not
 * milliseconds, because a run has long pauses and much at once.
 */
export function placeAt(frames: readonly Frame[], ms: number): number {
  let low = 0;
  let high = frames.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((frames[middle] as Frame).nowMs <= ms) low = middle + 1;
    else high = middle;
  }
  const before = frames[low - 1];
  const after = frames[low];
  if (before === undefined) return 0;
  if (after === undefined) return frames.length - 1;
  return low - 1 + (ms - before.nowMs) / (after.nowMs - before.nowMs);
}

/** The rows of a client's operations, so that none lies on another: the row of each. */
export function rowsOf(operations: readonly OperationPicture[]): number[] {
  const endsMs: number[] = [];
  return operations.map(({ callMs, returnMs }) => {
    const free = endsMs.findIndex((endMs) => endMs <= callMs);
    const row = free === -1 ? endsMs.length : free;
    endsMs[row] = returnMs ?? callMs;
    return row;
  });
}
