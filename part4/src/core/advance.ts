import { assert } from '@tablelab/shared';
import { forward } from './downstream.ts';
import { settle, stableIn } from './history.ts';
import { acknowledge } from './inbound.ts';
import { adoptedIn, noteHandedOver } from './membership-state.ts';
import { handOverToSuccessor } from './outbound.ts';
import type { Step } from './step.ts';
import { answerWrites } from './writes.ts';

/** Does what has become possible: forwards executed updates; at the tail, marks them as stable. */
export function advance(step: Step): void {
  const { membership, memory, outbound, history } = step.state;
  const adopted = adoptedIn(membership);
  const isMember = adopted?.isMember ?? false;
  const successor = isMember ? handOverToSuccessor(step) : undefined;
  if (successor !== undefined) noteHandedOver(memory, successor);
  forward(step, outbound.successor);
  forward(step, outbound.admission);
  // A server outside the chain has no successor: it needs no log and gives no answers.
  if (isMember ? adopted?.isTail === true : adopted === undefined) raiseStable(step, history.executed);
  acknowledge(step);
}

/** The whole chain has executed all updates below `stable`. */
export function raiseStable(step: Step, stable: number): void {
  const { history } = step.state;
  if (stable <= stableIn(history)) return;
  assert(stable <= history.executed, () => `what the whole chain has executed, ${stable}, is executed here`);
  answerWrites(step, stable);
  settle(history, stable, step.config.limits);
}
