import { keptMs, type LiveEvent, type LivePoint } from './live-messages.ts';

/** The most that is kept, also when more happens in {@link keptMs} than usual: two points a second, and a view now and then. */
const pointsMax = 1_300;
const eventsMax = 1_000;

/** The last ten minutes. */
export class LiveHistory {
  #points: LivePoint[] = [];
  #events: LiveEvent[] = [];

  get points(): readonly LivePoint[] {
    return this.#points;
  }

  get events(): readonly LiveEvent[] {
    return this.#events;
  }

  add(now: number, point: LivePoint | undefined, events: readonly LiveEvent[]): void {
    if (point !== undefined) this.#points.push(point);
    this.#events.push(...events);
    this.#points = lastOf(this.#points, now, pointsMax);
    this.#events = lastOf(this.#events, now, eventsMax);
  }
}

function lastOf<T extends { readonly at: number }>(items: T[], now: number, max: number): T[] {
  const first = items.findIndex(({ at }) => at >= now - keptMs);
  const kept = first === -1 ? items.length : first;
  const from = Math.max(kept, items.length - max);
  return from === 0 ? items : items.slice(from);
}
