import { signal } from '@preact/signals';
import type { Box } from './chain-layout.ts';
import { act, canAct } from './edits.ts';
import type { Flight } from './recording.ts';
import { view } from './view.ts';

/** A message that is dragged in the drawing: onto its receiver to deliver it, off its way to drop it. */

interface Point {
  readonly x: number;
  readonly y: number;
}

type Goal = 'deliver' | 'drop';

interface Drag extends Point {
  readonly flight: Flight;
  /** What happens if it is let go here; undefined: nothing. */
  readonly goal: Goal | undefined;
}

/** The way of a message, from box to box. */
interface Way {
  readonly start: Point;
  readonly end: Point;
  readonly to: Box;
}

/** A pointer that moves less has clicked. In pixels. */
const clickPx = 6;
/** How far off its way a message is dropped. */
const offPx = 48;

export const drag = signal<Drag | undefined>(undefined);

/** The handlers of a message's mark; none where nothing can be done to it. */
export function dragHandlers(flight: Flight, { start, end, to }: Way) {
  if (view.value !== 'playground' || flight.kind === 'closed') return {};
  let from: Point | undefined;
  const follow = (event: PointerEvent) => {
    const mark = event.currentTarget as SVGGElement;
    if (!mark.hasPointerCapture(event.pointerId)) return;
    const { left, top } = (mark.ownerSVGElement as SVGElement).getBoundingClientRect();
    const at = { x: event.clientX - left, y: event.clientY - top };
    from ??= drag.value ?? at;
    if (drag.value === undefined && Math.hypot(at.x - from.x, at.y - from.y) < clickPx) return;
    const goal = isIn(to, at) ? 'deliver' : distance(at, start, end) > offPx ? 'drop' : undefined;
    drag.value = { flight, ...at, goal };
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0 || !canAct.value) return;
      (event.currentTarget as SVGGElement).setPointerCapture(event.pointerId);
      follow(event);
    },
    onPointerMove: follow,
    onPointerUp: () => {
      const { value } = drag;
      drag.value = undefined;
      if (value === undefined) return;
      wasDragged = true;
      // The click that follows at once belongs to the drag.
      setTimeout(() => {
        wasDragged = false;
      });
      if (value.goal !== undefined) act({ do: value.goal, message: flight.number });
    },
    onPointerCancel: () => {
      drag.value = undefined;
    },
  };
}

let wasDragged = false;

/** Whether a click is the end of a drag. */
export function isEndOfDrag(): boolean {
  return wasDragged;
}

function isIn({ x, y, width, height }: Box, at: Point): boolean {
  return at.x >= x && at.x <= x + width && at.y >= y && at.y <= y + height;
}

/** Of a point from the line between two others. */
function distance(at: Point, start: Point, end: Point): number {
  const [across, down] = [end.x - start.x, end.y - start.y];
  const square = across ** 2 + down ** 2;
  const part = square === 0 ? 0 : ((at.x - start.x) * across + (at.y - start.y) * down) / square;
  const nearest = Math.max(0, Math.min(part, 1));
  return Math.hypot(at.x - start.x - across * nearest, at.y - start.y - down * nearest);
}
