import { Configurations, SetHash } from './configurations.ts';
import { EventList } from './event-list.ts';
import { State } from './state.ts';
import { type Effect, isWrite, type Step, type Steps, type WriteEffect, written } from './step.ts';

export interface SearchResult {
  readonly verdict: 'linearizable' | 'not-linearizable' | 'unknown';
  /** Steps in an order that explains their answers: all steps, or as many as the search could order. */
  readonly order: readonly Step[];
  /**
   * If no order continues `order`: the step that has to come next but cannot, then the steps that overlap it, then the
   * steps that still have to observe the value that it would replace.
   */
  readonly stuck: readonly Step[];
  readonly stepsTried: number;
}

/** Any number: with it the same history is searched in the same way each time. */
const takenSeed = 1;

/**
 * Searches for an order of the steps that respects their intervals and explains their answers. It is Wing & Gong's
 * search with Lowe's cache of configurations ("Testing for linearizability", 2017), so that no configuration is
 * searched twice.
 *
 * A configuration is the set of steps taken, and the state. A step can be taken next if no step outside of the set returned
 * before it was called. Four rules keep the tree small; none of them changes the verdict:
 * - an observation that agrees with the state is taken at once, because that prevents no other step;
 * - a value that remaining steps observe is not replaced if no remaining step can write it again;
 * - a write that may have happened is not taken if it changes nothing, if no remaining step observes it, or if an
 *   earlier write of the same value is open;
 * - only writes to the key of the step that returns first are tried, unless a step that concerns all keys is open.
 * A fifth rule finds a valid order at once if values are unique: see {@link Search.#isBlock}.
 */
export class Search {
  readonly #steps: readonly Step[];
  readonly #events: EventList;
  readonly #state: State;
  readonly #trail: { readonly step: number; readonly old: number }[] = [];
  readonly #seen = new Configurations();
  readonly #taken: SetHash;
  #required: number;
  #stepsTried = 0;
  #best: { order: readonly Step[]; stuck: readonly Step[] } = { order: [], stuck: [] };

  constructor(steps: Steps) {
    this.#steps = steps.list;
    this.#events = new EventList(steps.list);
    this.#state = new State(steps);
    this.#taken = new SetHash(steps.list.length, takenSeed);
    this.#required = steps.list.filter(({ operation }) => operation.return !== undefined).length;
  }

  /** The verdict is "unknown" if the search takes more than `stepsMax` steps, including repeated ones. */
  run(stepsMax: number): SearchResult {
    const choices: { readonly depth: number; readonly steps: readonly number[]; next: number }[] = [];
    for (;;) {
      this.#takeObservations();
      if (this.#stepsTried > stepsMax) return this.#result('unknown');
      if (this.#required === 0) {
        this.#best = { order: this.#order(), stuck: [] };
        return this.#result('linearizable');
      }
      choices.push({ depth: this.#trail.length, steps: this.#choices(), next: 0 });
      for (;;) {
        const last = choices.at(-1);
        if (last === undefined) return this.#result('not-linearizable');
        this.#undoTo(last.depth);
        const step = last.steps[last.next];
        last.next += 1;
        if (step !== undefined) {
          this.#take(step);
          break;
        }
        choices.pop();
      }
    }
  }

  #takeObservations(): void {
    const { next, isReturn, step } = this.#events;
    let node = next[0] as number;
    while (node !== 0 && isReturn[node] === 0) {
      const candidate = step[node] as number;
      if (this.#state.observes(this.#effect(candidate))) {
        const before = this.#events.before(node);
        this.#take(candidate);
        node = next[before] as number;
      } else node = next[node] as number;
    }
  }

  /** The steps to try next, the best first. Empty at a dead end. */
  #choices(): readonly number[] {
    const { next, isReturn, step } = this.#events;
    const open: number[] = [];
    let node = next[0] as number;
    for (; isReturn[node] === 0; node = next[node] as number) open.push(step[node] as number);
    const target = step[node] as number;
    const writes = this.#writes(open, this.#effect(target));
    const block = writes.find((candidate) => this.#isBlock(candidate));
    if (block !== undefined) return [block];
    if (writes.length > 1 && this.#seen.isKnown(this.#taken, this.#state.hash)) return [];
    if (writes.length === 0) this.#noteDeadEnd(target, open);
    return writes.sort((one, other) => this.#rank(one, target) - this.#rank(other, target));
  }

  #writes(open: readonly number[], target: Effect): number[] {
    const isWide = open.some((step) => 'key' in this.#effect(step) === false);
    const isTried = (effect: WriteEffect) => isWide || ('key' in target && effect.key === target.key);
    const maybes = new Set<number>();
    const writes = open.filter((step) => {
      const effect = this.#effect(step);
      return isWrite(effect) && isTried(effect) && this.#isPossible(step, effect, maybes);
    });
    if (target.type !== 'observe') return writes;
    const isWritten = open.some((step) => {
      const effect = this.#effect(step);
      return isWrite(effect) && effect.key === target.key && written(effect) === target.value;
    });
    return isWritten ? writes : [];
  }

  #isPossible(step: number, effect: WriteEffect, maybes: Set<number>): boolean {
    const { current, observers, writers, presenceObservers, looseObservers, wideObservers } = this.#state;
    const value = written(effect);
    const old = current[effect.key] as number;
    if (effect.type === 'remove-present' && !this.#state.isPresent(effect.key)) return false;
    const isExchange = effect.type === 'exchange';
    if (isExchange && effect.from !== old) return false;
    // An exchange is itself one of the observers of the value that it replaces.
    const others = (observers[old] as number) - Number(isExchange && effect.isCertain);
    if (value !== old && others > 0 && writers[old] === 0) return false;
    if (this.#events.returnNode[step] !== 0) return true;
    if (value === old || maybes.has(value)) return false;
    // Another write of the value may still be possible where this exchange is not.
    if (!isExchange) maybes.add(value);
    if ((looseObservers[effect.key] as number) > Number(isExchange)) return true;
    const showsPresence = value !== effect.key && (presenceObservers[effect.key] as number) > 0;
    return wideObservers > 0 || (observers[value] as number) > 0 || showsPresence;
  }

  /**
   * Whether this write and all steps that observe its value can be taken next, together. If the remaining steps have
   * any valid order, they also have one that starts with these steps: no remaining step observes the value that the
   * write replaces, no other step writes the same value, and no remaining step asks only whether the key exists, or depends on
   * its value in another way.
   */
  #isBlock(step: number): boolean {
    const effect = this.#effect(step) as WriteEffect;
    const { current, observers, writers, presenceObservers, looseObservers, wideObservers } = this.#state;
    if (wideObservers > 0 || presenceObservers[effect.key] !== 0) return false;
    if (looseObservers[effect.key] !== 0) return false;
    if (observers[current[effect.key] as number] !== 0) return false;
    const value = written(effect);
    const expected = observers[value] as number;
    if (expected === 0) return true;
    return writers[value] === 1 && this.#callableObservers(step, value) === expected;
  }

  /** How many observers of `value` were called before any step other than them and `write` returned. */
  #callableObservers(write: number, value: number): number {
    const { next, isReturn, step } = this.#events;
    let count = 0;
    for (let node = next[0] as number; node !== 0; node = next[node] as number) {
      const candidate = step[node] as number;
      const effect = this.#effect(candidate);
      const observes = effect.type === 'observe' && effect.value === value;
      if (isReturn[node] === 0) count += Number(observes);
      else if (!observes && candidate !== write) break;
    }
    return count;
  }

  /** First the write that the step that must come next observes, then the others by the time of their return. */
  #rank(step: number, target: number): number {
    const wanted = this.#effect(target);
    const effect = this.#effect(step) as WriteEffect;
    if (step === target || (wanted.type === 'observe' && written(effect) === wanted.value)) return 0;
    if (wanted.type === 'exchange' && written(effect) === wanted.from) return 0;
    const returnNode = this.#events.returnNode[step] as number;
    return returnNode === 0 ? Number.MAX_SAFE_INTEGER : returnNode;
  }

  #noteDeadEnd(target: number, open: readonly number[]): void {
    if (this.#best.stuck.length > 0 && this.#trail.length <= this.#best.order.length) return;
    const stuck = [target, ...open.filter((step) => step !== target)];
    const later = this.#laterObservers(target).filter((step) => !stuck.includes(step));
    const steps = [...stuck, ...later].map((step) => this.#steps[step] as Step);
    this.#best = { order: this.#order(), stuck: steps };
  }

  /** The remaining observers of the present value of `target`'s key: they prevent `target` from replacing it. */
  #laterObservers(target: number): number[] {
    const wanted = this.#effect(target);
    const value = 'key' in wanted ? this.#state.current[wanted.key] : undefined;
    const taken = new Set(this.#trail.map(({ step }) => step));
    return [...this.#steps.keys()].filter((step) => {
      const effect = this.#effect(step);
      return effect.type === 'observe' && effect.value === value && !taken.has(step);
    });
  }

  #take(step: number): void {
    this.#stepsTried += 1;
    this.#events.take(step);
    this.#taken.toggle(step);
    this.#trail.push({ step, old: this.#state.take(this.#effect(step)) });
    if (this.#events.returnNode[step] !== 0) this.#required -= 1;
  }

  #undoTo(depth: number): void {
    while (this.#trail.length > depth) {
      const { step, old } = this.#trail.pop() as { step: number; old: number };
      this.#state.undo(this.#effect(step), old);
      this.#events.putBack(step);
      this.#taken.toggle(step);
      if (this.#events.returnNode[step] !== 0) this.#required += 1;
    }
  }

  #effect(step: number): Effect {
    return (this.#steps[step] as Step).effect;
  }

  #order(): readonly Step[] {
    return this.#trail.map(({ step }) => this.#steps[step] as Step);
  }

  #result(verdict: SearchResult['verdict']): SearchResult {
    return { verdict, ...this.#best, stepsTried: this.#stepsTried };
  }
}
