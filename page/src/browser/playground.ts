import { batch, effect, signal } from '@preact/signals';
import { chosen, frame, isPlaying, pause, show } from './player.ts';
import type { Recording } from './recording.ts';
import { ask, listen } from './simulator.ts';
import { playgroundAddress, view } from './view.ts';
import type { FromWorker, RunName } from './worker-messages.ts';

/** A run by its seed. The address holds the seed and the event, so a link shows the same. */

export type Run =
  | ({ readonly type: 'running' } & RunName)
  | ({ readonly type: 'shown'; readonly recording: Recording } & RunName)
  | ({ readonly type: 'failed'; readonly text: string } & RunName);

export const seedMax = 2 ** 31;

export const run = signal<Run>({ type: 'running', seed: 1, edits: undefined });

/** The event that the address asks for, once the run is there. */
let stepAsked: number | undefined;

listen(take);
effect(noteAddress);

export function runFromAddress(asked: URLSearchParams): void {
  const seed = Number(asked.get('seed') ?? 1);
  const step = Number(asked.get('step') ?? Number.NaN);
  stepAsked = step >= 0 ? step : undefined;
  runSeed(Number.isInteger(seed) && seed >= 0 && seed <= seedMax ? seed : 1, asked.get('edits') ?? undefined);
}

/** Runs a seed. With `step`, the same run with other edits is shown at this event, and the old one until it is there. */
export function runSeed(seed: number, edits?: string, step?: number): void {
  batch(() => {
    run.value = { type: 'running', seed, edits };
    pause();
    if (step !== undefined) stepAsked = step;
    else show(undefined);
    chosen.value = undefined;
  });
  ask({ type: 'record', seed, edits });
}

function take(message: FromWorker): void {
  const { type, seed, edits } = run.value;
  if (view.value !== 'playground' || type !== 'running') return;
  if (message.type === 'failed') {
    run.value = { type: 'failed', text: message.text, seed, edits };
    return;
  }
  // Another run may have been asked for meanwhile.
  if (message.type !== 'recorded' || message.run.seed !== seed || message.run.edits !== edits) return;
  const { recording } = message;
  batch(() => {
    run.value = { type: 'shown', recording, seed, edits };
    show(recording, stepAsked === undefined ? firstWrite(recording) : placeOf(recording, stepAsked));
  });
  stepAsked = undefined;
}

/** Where a server has received a write for the first time: before, there is little to see. Without writes, the end. */
function firstWrite({ frames }: Recording): number {
  const found = frames.findIndex(({ servers }) => servers.some(({ received }) => received > 0));
  return found === -1 ? frames.length - 1 : found;
}

function placeOf({ frames }: Recording, asked: number): number {
  return frames.findLastIndex(({ step }) => step <= asked);
}

function noteAddress(): void {
  if (view.value !== 'playground' || run.value.type !== 'shown' || isPlaying.value) return;
  const { seed, edits } = run.value;
  history.replaceState(undefined, '', playgroundAddress(seed, edits, frame.value?.step ?? 0));
}
