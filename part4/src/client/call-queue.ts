import type { Call } from './call.ts';

/** Calls that are to be sent, in the order in which they were made, whether for the first time or again. */
export class CallQueue {
  /** Sorted. Few: no more than were under way. */
  readonly #repeats: Call[] = [];
  /** Newer than all repeats; may be many. */
  readonly #fresh = new Set<Call>();

  get size(): number {
    return this.#repeats.length + this.#fresh.size;
  }

  get first(): Call | undefined {
    const [repeat] = this.#repeats;
    if (repeat !== undefined) return repeat;
    const [fresh] = this.#fresh;
    return fresh;
  }

  add(call: Call): void {
    this.#fresh.add(call);
  }

  addAgain(call: Call): void {
    const behind = this.#repeats.findLastIndex(({ order }) => order < call.order);
    this.#repeats.splice(behind + 1, 0, call);
  }

  delete(call: Call): void {
    if (this.#fresh.delete(call)) return;
    const index = this.#repeats.indexOf(call);
    if (index >= 0) this.#repeats.splice(index, 1);
  }

  *[Symbol.iterator](): IterableIterator<Call> {
    yield* [...this.#repeats, ...this.#fresh];
  }
}
