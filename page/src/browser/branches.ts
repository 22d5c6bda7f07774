import { editListFrom } from '@tablelab/part4/sim/edit-list';
import { computed, effect, signal } from '@preact/signals';
import { z } from 'zod';
import { type Branch, forkOf, treeOf } from './branch-tree.ts';
import { run, showRun } from './playground.ts';
import { isSameRun } from './run-name.ts';
import { served } from './served.ts';

/** The courses that were seen in this tab of the browser: each is kept until it is deleted, or until there are too many. */

const branchesMax = 50;
export const nameMax = 60;

/** Branches are of one core, and outlive the page, which is loaded again when a file of the core is saved. */
const storageKey = `tablelab branches ${served?.core ?? ''}`;

const optionalText = z.string().optional();
const schema = z.array(
  z.object({
    id: z.int().min(0),
    name: z.string().max(nameMax).optional(),
    run: z.object({
      seed: z.int().min(0),
      edits: optionalText,
      faults: optionalText,
      keep: optionalText,
      hasDisks: z.boolean(),
    }),
  }),
);

export const branches = signal<readonly Branch[]>(storedBranches());

/** The one that is shown. */
export const present = computed(() => branches.value.find((one) => isSameRun(one.run, run.value.name)));
export const tree = computed(() => treeOf(branches.value));

effect(() => {
  const { value } = run;
  // A run that could not be played is no course.
  if (value.type !== 'shown' || present.value !== undefined) return;
  const id = 1 + Math.max(-1, ...branches.value.map((one) => one.id));
  branches.value = bounded([...branches.value, { id, run: value.name, name: undefined }]);
});
effect(store);

/** Shows a branch at the event at which it leaves its parent, or where a run is opened if it has none. */
export function choose(branch: Branch): void {
  const { edit } = forkOf(branch, branches.value) ?? {};
  if (edit === undefined) return showRun(branch.run);
  showRun(branch.run, edit.after === undefined ? { ms: edit.at ?? 0 } : { step: edit.after });
}

/** Gives a branch a name; an empty one takes it away. */
export function rename({ id }: Branch, name: string): void {
  const given = name.trim().slice(0, nameMax) || undefined;
  branches.value = branches.value.map((one) => (one.id === id ? { ...one, name: given } : one));
}

/** Deletes a branch, unless it is the only one. Of the one that is shown, its parent is shown instead. */
export function remove(branch: Branch): void {
  const others = branches.value.filter(({ id }) => id !== branch.id);
  const next = forkOf(branch, branches.value)?.parent ?? others[0];
  if (next === undefined) return;
  const wasPresent = present.value?.id === branch.id;
  if (wasPresent) choose(next);
  branches.value = others;
}

/** The oldest go, and those with a name last. */
function bounded(all: readonly Branch[]): readonly Branch[] {
  if (all.length <= branchesMax) return all;
  const older = all.slice(0, -1);
  const leaving = older.find(({ name }) => name === undefined) ?? older[0];
  return all.filter((one) => one !== leaving);
}

function store(): void {
  try {
    sessionStorage.setItem(storageKey, JSON.stringify(branches.value));
  } catch {
    // No room, or none is given: the branches last as long as the page does.
  }
}

function storedBranches(): readonly Branch[] {
  try {
    const found = schema.parse(JSON.parse(sessionStorage.getItem(storageKey) ?? '[]'));
    for (const { run } of found) if (run.edits !== undefined) editListFrom(run.edits);
    return found.slice(-branchesMax) as readonly Branch[];
  } catch {
    return [];
  }
}
