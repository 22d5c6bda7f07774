import { batch, computed, effect, signal } from '@preact/signals';
import { lessons } from '@tablelab/part4/sim/lessons';
import { bounds, chosen, goTo, pause, play, position, type Stretch, show } from './player.ts';
import { coreFolder } from './served.ts';
import { ask, listen, type Report } from './simulator.ts';
import { language, lessonAddress, lessonsAddress, replayAddress, view } from './view.ts';
import type { PlayedLesson } from './worker-messages.ts';

/**
 * A lesson, step by step. The worker plays all of it at once, and the page shows one step's frames at a time; those of a step with a
 * question only when a choice has been made.
 */

export type Lesson = (typeof lessons)[number];
export type Highlight = Lesson['steps'][number]['highlight'][number];

type LessonRun =
  | { readonly type: 'playing' }
  | { readonly type: 'played'; readonly played: PlayedLesson }
  | { readonly type: 'failed'; readonly text: string };

/** Undefined if the address names a lesson that there is not. */
export const lesson = signal<Lesson | undefined>(undefined);
export const lessonRun = signal<LessonRun>({ type: 'playing' });
/** The number of the step that is shown, from 0. */
export const stepIndex = signal(0);
/** The choice that was made, by lesson and step. */
const answers = signal<Readonly<Record<string, number>>>({});

/** However much happens in a step. */
const playMsMax = 5_000;
const leastMotion = matchMedia('(prefers-reduced-motion: reduce)');

export const step = computed(() => lesson.value?.steps[stepIndex.value]);
export const playedStep = computed(() => {
  const { value } = lessonRun;
  return value.type === 'played' ? value.played.steps[stepIndex.value] : undefined;
});
const answerKey = computed(() => `${lesson.value?.name} ${stepIndex.value}`);
export const answer = computed(() => answers.value[answerKey.value]);
/** The question waits for a choice. */
export const isAsking = computed(() => step.value?.question !== undefined && answer.value === undefined);
const isAtEnd = computed(
  () => playedStep.value !== undefined && !isAsking.value && position.value === bounds.value.last,
);
/** The steps of which all has been shown, since the last choice. */
const seen = signal<Readonly<Record<string, boolean>>>({});
/** All of the step has been shown, so its reason may be, too. */
export const isStepOver = computed(() => seen.value[answerKey.value] === true);
/** What the step is about; before the answer, that would be a hint. */
export const highlights = computed<readonly Highlight[]>(() =>
  view.value === 'lesson' && !isAsking.value ? (step.value?.highlight ?? []) : [],
);

listen(take);
effect(noteAddress);
effect(() => {
  if (isAtEnd.value && !isStepOver.value) seen.value = { ...seen.value, [answerKey.value]: true };
});

export function lessonFromAddress(asked: URLSearchParams): void {
  const found = lessons.find(({ name }) => name === asked.get('lesson'));
  const place = Math.trunc(Number(asked.get('step') ?? 1)) - 1 || 0;
  batch(() => {
    stepIndex.value = Math.max(0, Math.min(place, (found?.steps.length ?? 1) - 1));
    const isThere = found === lesson.value && lessonRun.value.type === 'played';
    lesson.value = found;
    chosen.value = undefined;
    if (isThere) showStep('end');
    else {
      lessonRun.value = { type: 'playing' };
      show(undefined);
    }
  });
  if (found !== undefined && lessonRun.value.type === 'playing')
    ask({ type: 'lesson', name: found.name, core: coreFolder });
}

/** Goes to another step: forwards it is played, and backwards its end is shown. */
export function stepTo(index: number): void {
  if (lesson.value?.steps[index] === undefined || lessonRun.value.type !== 'played') return;
  const isForward = index > stepIndex.value;
  if (isForward && isAsking.value) return;
  // What is being played is the answer: its reason must not be passed by.
  if (isForward && step.value?.question !== undefined && !isStepOver.value) {
    pause();
    goTo(bounds.value.last);
    return;
  }
  batch(() => {
    stepIndex.value = index;
    showStep(isForward ? 'beginning' : 'end');
  });
}

export function choose(choice: number): void {
  if (step.value?.question?.choices[choice] === undefined || playedStep.value === undefined) return;
  batch(() => {
    answers.value = { ...answers.value, [answerKey.value]: choice };
    seen.value = { ...seen.value, [answerKey.value]: false };
    showStep('beginning');
  });
}

function showStep(from: 'beginning' | 'end'): void {
  const { value } = lessonRun;
  if (value.type !== 'played') return;
  const { recording, beginning, steps } = value.played;
  const first = steps[stepIndex.value - 1]?.end ?? beginning;
  const end = steps[stepIndex.value]?.end ?? first;
  const part: Stretch = { first, last: isAsking.value ? first : end, playMsMax };
  const isPlayed = from === 'beginning' && part.last > first && !leastMotion.matches;
  show(recording, isPlayed ? first : part.last, part);
  if (isPlayed) play();
}

function take(message: Report): void {
  if (view.value !== 'lesson' || lessonRun.value.type !== 'playing') return;
  if (message.type === 'failed') {
    lessonRun.value = { type: 'failed', text: message.text };
    return;
  }
  if (message.type !== 'lesson' || message.name !== lesson.value?.name) return;
  const { played } = message;
  batch(() => {
    lessonRun.value = { type: 'played', played };
    showStep('end');
  });
}

function noteAddress(): void {
  if (view.value === 'lesson' && lesson.value !== undefined)
    history.replaceState(
      undefined,
      '',
      lessonAddress(lesson.value.name, stepIndex.value + 1, language.value),
    );
  else if (view.value === 'lessons') history.replaceState(undefined, '', lessonsAddress(language.value));
  else if (view.value === 'replay') history.replaceState(undefined, '', replayAddress(language.value));
}
