import { batch, effect, signal } from '@preact/signals';
import { chosen, frame, isPlaying, pause, show } from './player.ts';
import type { Recording } from './recording.ts';
import { isSameRun, type RunName, runFromQuery, runOf } from './run-name.ts';
import { coreFolder } from './served.ts';
import { ask, listen, type Report } from './simulator.ts';
import { placeAt } from './space-time-layout.ts';
import { language, playgroundAddress, view } from './view.ts';

/** A run by its seed. The address holds the seed and the event, so a link shows the same. */

export type Run =
  | { readonly type: 'running'; readonly name: RunName }
  | { readonly type: 'shown'; readonly name: RunName; readonly recording: Recording }
  | { readonly type: 'failed'; readonly name: RunName; readonly text: string };

export const run = signal<Run>({ type: 'running', name: runOf(1) });

/** A moment of a run: after so many events, or at a time, in milliseconds. */
export type Point = { readonly step: number } | { readonly ms: number };

/** The moment that the address asks for, once the run is there. */
let pointAsked: Point | undefined;

listen(take);
effect(noteAddress);

export function runFromAddress(asked: URLSearchParams): void {
  const step = Number(asked.get('step') ?? Number.NaN);
  pointAsked = step >= 0 ? { step } : undefined;
  showRun(runFromQuery(asked));
}

/** With `point`, the run is shown at this moment, and the old one until it is there. */
export function showRun(name: RunName, point?: Point): void {
  batch(() => {
    run.value = { type: 'running', name };
    pause();
    if (point !== undefined) pointAsked = point;
    else show(undefined);
    chosen.value = undefined;
  });
  ask({ type: 'record', run: name, core: coreFolder });
}

function take(message: Report): void {
  const { type, name } = run.value;
  if (view.value !== 'playground' || type !== 'running') return;
  if (message.type === 'failed') {
    run.value = { type: 'failed', name, text: message.text };
    return;
  }
  // Another run may have been asked for meanwhile.
  if (message.type !== 'recorded' || !isSameRun(message.run, name)) return;
  const { recording } = message;
  batch(() => {
    run.value = { type: 'shown', name, recording };
    show(recording, pointAsked === undefined ? beginningOf(recording) : placeOf(recording, pointAsked));
  });
  pointAsked = undefined;
}

/**
 * Where a run is opened: at the event that broke a rule, or else where a server has received a write for the first time. Before
 * that there is little to see. Without writes, the end.
 */
function beginningOf(recording: Recording): number {
  const { frames, failure, failureStep = 0, noOrder, operations } = recording;
  // A contradiction is there as soon as the last answer of its shortest part is, and is found at the end of the run.
  const answersMs = (noOrder ?? []).map((index) => operations[index]?.returnMs ?? 0);
  if (answersMs.length > 0) return Math.floor(placeAt(frames, Math.max(...answersMs)));
  if (failure !== undefined) return placeOf(recording, { step: failureStep });
  const found = frames.findIndex(({ servers }) => servers.some(({ received }) => received > 0));
  return found === -1 ? frames.length - 1 : found;
}

function placeOf({ frames }: Recording, asked: Point): number {
  return frames.findLastIndex(({ step, nowMs }) =>
    'step' in asked ? step <= asked.step : nowMs <= asked.ms,
  );
}

/** The event that the address keeps while there is no run to show it. */
function stepAskedFor(): number | undefined {
  return pointAsked !== undefined && 'step' in pointAsked ? pointAsked.step : undefined;
}

function noteAddress(): void {
  if (view.value !== 'playground' || run.value.type === 'running' || isPlaying.value) return;
  const step = run.value.type === 'shown' ? (frame.value?.step ?? 0) : stepAskedFor();
  const address = playgroundAddress(run.value.name, step, language.value);
  history.replaceState(undefined, '', address);
}
