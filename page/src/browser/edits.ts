import { computed } from '@preact/signals';
import type { Edit, EditList } from '@tablelab/part4/sim/edit-list';
import { frame, frames } from './player.ts';
import { run, showRun } from './playground.ts';
import { runOf } from './run-name.ts';
import { view } from './view.ts';

/** What a person does in the playground. Each action is one more edit of the run, which is played again with it. */

type WithoutPoint<Action> = Action extends Edit ? Omit<Action, 'at' | 'after'> : never;
export type Action = WithoutPoint<Edit>;

/** A chain of three servers to which nothing happens. */
const quietChain: EditList = { servers: 3, edits: [] };

/** The edits of the run; none while they may be wrong. */
export const editList = computed<EditList>(() => {
  const { type, name } = run.value;
  const { edits } = name;
  if (edits === undefined || type === 'failed') return { edits: [] };
  // The simulator has checked them, or will.
  try {
    return JSON.parse(edits) as EditList;
  } catch {
    return { edits: [] };
  }
});

/** Where in the run's frames they happen. */
export const editPlaces = computed<readonly number[]>(() => {
  if (view.value !== 'playground' || run.value.type !== 'shown') return [];
  return editList.value.edits.map(({ after, at = 0 }) =>
    Math.max(
      0,
      frames.value.findLastIndex(({ step, nowMs }) => (after === undefined ? nowMs <= at : step <= after)),
    ),
  );
});

export const canAct = computed(() => run.value.type === 'shown' && frame.value !== undefined);

export function showQuietChain(): void {
  showRun(runOf(run.value.name.seed, JSON.stringify(quietChain)));
}

/** Does something at the present moment. What was done later is done no more. */
export function act(action: Action): void {
  const now = frame.value;
  if (!canAct.value || now === undefined) return;
  const { edits } = editList.value;
  const later = edits.findIndex(({ after, at = 0 }) =>
    after === undefined ? at > now.nowMs : after > now.step,
  );
  const kept = later === -1 ? edits : edits.slice(0, later);
  playAgain([...kept, { ...action, after: now.step }], now.step);
}

/** Takes the last edit back. */
export function undo(): void {
  const now = frame.value;
  if (!canAct.value || now === undefined) return;
  const { edits } = editList.value;
  playAgain(edits.slice(0, -1), edits.at(-1)?.after ?? now.step);
}

function playAgain(edits: readonly Edit[], step: number): void {
  const list = { ...editList.value, edits };
  const isSeedAlone = list.servers === undefined && edits.length === 0;
  showRun({ ...run.value.name, edits: isSeedAlone ? undefined : JSON.stringify(list) }, { step });
}
