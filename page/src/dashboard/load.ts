import type { LazyTable } from './lazy-table.ts';

/** The most that the page may ask for, in operations a second. */
export const loadMax = 2_000;

const tickMs = 50;
const msPerSecond = 1_000;

/** No more than these are under way, so that a chain that stands still gets no pile of operations. */
const underWayMax = 200;
const keys = 1_000;
const value = Buffer.from('load');

/** How long one may take, in milliseconds. */
const deadlineMs = 5_000;

/** Puts and gets in turn, at a rate, for trying a chain out. */
export class Load {
  readonly #table: LazyTable;
  #rate = 0;
  #due = 0;
  #count = 0;
  #underWay = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(table: LazyTable) {
    this.#table = table;
  }

  get rate(): number {
    return this.#rate;
  }

  /** `rate`: operations a second; 0 ends it. */
  set(rate: number): void {
    this.#rate = rate;
    clearInterval(this.#timer);
    this.#due = 0;
    if (rate > 0) this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  #tick(): void {
    this.#due = Math.min(this.#due + (this.#rate * tickMs) / msPerSecond, underWayMax);
    for (; this.#due >= 1; this.#due -= 1) {
      if (this.#underWay < underWayMax) void this.#one();
    }
  }

  async #one(): Promise<void> {
    this.#underWay += 1;
    this.#count += 1;
    const key = `load:${this.#count % keys}`;
    try {
      const table = await this.#table.connected();
      if (this.#count % 2 === 0) await table.put(key, value, { deadlineMs });
      else await table.get(key, { deadlineMs });
    } catch {
      // What a fault does to operations is seen in the charts.
    } finally {
      this.#underWay -= 1;
    }
  }
}
