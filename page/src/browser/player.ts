import { batch, computed, signal } from '@preact/signals';
import type { Flight, Frame, Recording } from './recording.ts';

/** A recording, and the place in it that is shown: what is drawn, and how time passes. */

/** Frames a second. */
export const speeds = [2, 10, 50] as const;

/** The part of a recording that may be shown now. */
export interface Stretch {
  /** Places in the recording's frames. */
  readonly first: number;
  readonly last: number;
  /** Playing it takes so long at the most, in milliseconds: frames are left out if there are too many. */
  readonly playMsMax: number;
}

export const recording = signal<Recording | undefined>(undefined);
export const position = signal(0);
export const isPlaying = signal(false);
export const speed = signal<number>(speeds[1]);
/** The message that is open. The same message of another course has the same number, way and time. */
export const opened = signal<Flight | undefined>(undefined);
/** The name of the server whose state is shown. */
export const chosen = signal<string | undefined>(undefined);

const stretch = signal<Stretch | undefined>(undefined);

export const frames = computed<readonly Frame[]>(() => recording.value?.frames ?? []);
export const frame = computed<Frame | undefined>(() => frames.value[position.value]);
/** By default, all of the recording. */
export const bounds = computed<Stretch>(
  () => stretch.value ?? { first: 0, last: frames.value.length - 1, playMsMax: Number.POSITIVE_INFINITY },
);

let playing: ReturnType<typeof setTimeout> | undefined;

/** Shows a recording, or nothing, instead of the present one. */
export function show(shown: Recording | undefined, place = 0, part?: Stretch): void {
  batch(() => {
    pause();
    recording.value = shown;
    stretch.value = part;
    goTo(place);
  });
}

/** Shows a frame; a place beyond either end is that end. */
export function goTo(place: number): void {
  const { first, last } = bounds.value;
  position.value = Math.max(0, first, Math.min(place, last));
}

export function stepBy(count: number): void {
  pause();
  goTo(position.value + count);
}

export function togglePlay(): void {
  if (isPlaying.value) return pause();
  play();
}

/** Plays on; from the end, it plays from the beginning. */
export function play(): void {
  const { first, last } = bounds.value;
  if (last <= first) return;
  if (position.value === last) goTo(first);
  clearTimeout(playing);
  isPlaying.value = true;
  playOn();
}

export function pause(): void {
  clearTimeout(playing);
  isPlaying.value = false;
}

function playOn(): void {
  const delayMs = 1_000 / speed.value;
  const { first, last, playMsMax } = bounds.value;
  const stride = Math.max(1, Math.ceil(((last - first) * delayMs) / playMsMax));
  playing = setTimeout(() => {
    if (position.value >= last) return pause();
    goTo(position.value + stride);
    playOn();
  }, delayMs);
}
