import type { World } from '../world.ts';
import type { Edit } from './edit-list.ts';
import type { Hands } from './hands.ts';

/** Carries out the edits of a list one after another, each when its point has come. */
export class EditScript {
  readonly #world: World;
  readonly #hands: Hands;
  readonly #waiting: Edit[];

  constructor(world: World, hands: Hands, edits: readonly Edit[]) {
    this.#world = world;
    this.#hands = hands;
    this.#waiting = [...edits];
  }

  get isDone(): boolean {
    return this.#waiting.length === 0;
  }

  /** Carries out the next edit if it is due before the next event; returns whether it was. */
  play(): boolean {
    const [next] = this.#waiting;
    if (next === undefined || !this.#isDue(next)) return false;
    this.#waiting.shift();
    const { at, after: _after, ...action } = next;
    if (at !== undefined) this.#world.advanceTo(at);
    this.#hands.perform(action);
    return true;
  }

  #isDue({ at = 0, after = 0 }: Edit): boolean {
    const { steps, nextAt } = this.#world;
    return steps >= after && (nextAt === undefined || nextAt > at);
  }
}
