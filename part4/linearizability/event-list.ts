import { assert } from '@tablelab/shared';
import type { Step } from './step.ts';

/**
 * The calls and returns of a history in order of time, without those of the steps that the search has taken: the linked
 * list of Wing & Gong (1993). A node is the position of an event in that order, from 1; node 0 is both the start and
 * the end. Invariant: steps are put back in the reverse of the order in which they were taken.
 */
export class EventList {
  readonly next: Int32Array;
  readonly #previous: Int32Array;
  /** The step that a node calls or returns. */
  readonly step: Int32Array;
  readonly isReturn: Uint8Array;
  readonly #call: Int32Array;
  /** The node of a step's return; 0 when it never returns. */
  readonly returnNode: Int32Array;

  constructor(steps: readonly Step[]) {
    const events: { time: number; isReturn: number; step: number }[] = [];
    for (const [step, { operation }] of steps.entries()) {
      assert(!(Number(operation.return) < operation.call), 'an operation returns after its call');
      events.push({ time: operation.call, isReturn: 0, step });
      if (operation.return !== undefined) events.push({ time: operation.return, isReturn: 1, step });
    }
    events.sort((one, other) => one.time - other.time || one.isReturn - other.isReturn);
    const nodes = events.length + 1;
    this.next = Int32Array.from({ length: nodes }, (_, node) => (node + 1) % nodes);
    this.#previous = Int32Array.from({ length: nodes }, (_, node) => (node + nodes - 1) % nodes);
    this.step = new Int32Array(nodes);
    this.isReturn = new Uint8Array(nodes);
    this.#call = new Int32Array(steps.length);
    this.returnNode = new Int32Array(steps.length);
    for (const [index, { step, isReturn }] of events.entries()) {
      this.step[index + 1] = step;
      this.isReturn[index + 1] = isReturn;
      (isReturn ? this.returnNode : this.#call)[step] = index + 1;
    }
  }

  take(step: number): void {
    this.#unlink(this.#call[step] as number);
    const returnNode = this.returnNode[step] as number;
    if (returnNode !== 0) this.#unlink(returnNode);
  }

  putBack(step: number): void {
    const returnNode = this.returnNode[step] as number;
    if (returnNode !== 0) this.#link(returnNode);
    this.#link(this.#call[step] as number);
  }

  before(node: number): number {
    return this.#previous[node] as number;
  }

  #unlink(node: number): void {
    const next = this.next[node] as number;
    const previous = this.#previous[node] as number;
    this.next[previous] = next;
    this.#previous[next] = previous;
  }

  #link(node: number): void {
    this.next[this.#previous[node] as number] = node;
    this.#previous[this.next[node] as number] = node;
  }
}
