import { computed, signal } from '@preact/signals';
import type { Frame, Recording } from './recording.ts';
import type { FromWorker, RunName, ToWorker } from './worker-messages.ts';

/** What the page shows: a run, and a place in it. The address holds both, so a link shows the same. */

export type Run =
  | ({ readonly type: 'running' } & RunName)
  | ({ readonly type: 'shown'; readonly recording: Recording } & RunName)
  | ({ readonly type: 'failed'; readonly text: string } & RunName);

export const seedMax = 2 ** 31;

/** Frames a second. */
export const speeds = [2, 10, 50] as const;

export const run = signal<Run>({ type: 'running', seed: 1, edits: undefined });
export const position = signal(0);
export const isPlaying = signal(false);
export const speed = signal<number>(speeds[1]);
/** The name of the server whose state is shown. */
export const chosen = signal<string | undefined>(undefined);

export const frames = computed<readonly Frame[]>(() =>
  run.value.type === 'shown' ? run.value.recording.frames : [],
);
export const frame = computed<Frame | undefined>(() => frames.value[position.value]);

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
addEventListener('hashchange', runFromAddress);
worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => take(data));
worker.addEventListener('error', ({ message }) => {
  fail(message || 'the simulator could not be loaded');
});

/** The event that the address asks for, once the run is there. */
let stepAsked: number | undefined;
let playing: ReturnType<typeof setTimeout> | undefined;

export function runFromAddress(): void {
  const asked = new URLSearchParams(location.hash.slice(1));
  const seed = Number(asked.get('seed') ?? 1);
  const step = Number(asked.get('step') ?? Number.NaN);
  stepAsked = step >= 0 ? step : undefined;
  runSeed(Number.isInteger(seed) && seed >= 0 && seed <= seedMax ? seed : 1, asked.get('edits') ?? undefined);
}

export function runSeed(seed: number, edits?: string): void {
  pause();
  run.value = { type: 'running', seed, edits };
  chosen.value = undefined;
  const order: ToWorker = { type: 'record', seed, edits };
  worker.postMessage(order);
}

function take(message: FromWorker): void {
  if (message.type === 'failed') {
    fail(message.text);
    return;
  }
  if (message.type !== 'recorded') return;
  const { recording } = message;
  const { seed, edits } = message.run;
  // Another run has been asked for meanwhile.
  if (run.value.type !== 'running' || run.value.seed !== seed || run.value.edits !== edits) return;
  run.value = { type: 'shown', recording, seed, edits };
  goTo(stepAsked === undefined ? firstWrite(recording) : placeOf(recording, stepAsked));
  stepAsked = undefined;
}

function fail(text: string): void {
  const { seed, edits } = run.value;
  run.value = { type: 'failed', text, seed, edits };
}

/** Where a server has received a write for the first time: before, there is little to see. */
function firstWrite({ frames }: Recording): number {
  return frames.findIndex(({ servers }) => servers.some(({ received }) => received > 0));
}

function placeOf({ frames }: Recording, asked: number): number {
  return frames.findLastIndex(({ step }) => step <= asked);
}

/** Shows a frame; a place beyond either end is that end. */
export function goTo(place: number): void {
  position.value = Math.max(0, Math.min(place, frames.value.length - 1));
  if (!isPlaying.value) noteAddress();
}

export function stepBy(count: number): void {
  pause();
  goTo(position.value + count);
}

export function togglePlay(): void {
  if (isPlaying.value) return pause();
  if (frames.value.length === 0) return;
  // From the end, it plays from the beginning.
  if (position.value === frames.value.length - 1) goTo(0);
  isPlaying.value = true;
  playOn();
}

export function pause(): void {
  clearTimeout(playing);
  isPlaying.value = false;
  noteAddress();
}

function playOn(): void {
  playing = setTimeout(() => {
    if (position.value >= frames.value.length - 1) return pause();
    goTo(position.value + 1);
    playOn();
  }, 1_000 / speed.value);
}

function noteAddress(): void {
  if (run.value.type !== 'shown') return;
  const { seed, edits } = run.value;
  const asked = new URLSearchParams({ seed: String(seed), step: String(frame.value?.step ?? 0) });
  if (edits !== undefined) asked.set('edits', edits);
  history.replaceState(undefined, '', `#${asked}`);
}
