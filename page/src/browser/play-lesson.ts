import { lessons } from '@tablelab/part4/sim/lessons';
import { LessonRun } from '@tablelab/part4/sim/lesson-run';
import { must } from '@tablelab/shared';
import { Recorder } from './recorder.ts';
import type { PlayedLesson, PlayedStep } from './worker-messages.ts';

type Core = NonNullable<ConstructorParameters<typeof LessonRun>[1]>['Core'];

/** Plays a lesson to its end, with the core that belongs to it. */
export async function playLesson(name: string): Promise<PlayedLesson> {
  const lesson = must(
    lessons.find((one) => one.name === name),
    `there is a lesson called ${name}`,
  );
  const recorder = new Recorder();
  const run = new LessonRun(lesson, {
    ...(lesson.mutant === undefined ? {} : { Core: await coreOf(lesson.mutant) }),
    onStep: (moment) => recorder.look(moment),
  });
  await run.begin();
  recorder.look(run.run);
  const beginning = recorder.last;
  const steps: PlayedStep[] = [];
  while (steps.length < lesson.steps.length) {
    const { choices } = await run.playStep();
    recorder.look(run.run);
    steps.push({ end: recorder.last, choices, broken: run.broken });
  }
  const { world } = run.run;
  const { hash, steps: events, now: endMs } = world;
  const { operations } = run.run.recorder;
  const ending = { seed: lesson.seed, hash, steps: events, failure: run.broken, endMs, operations };
  const edits = lesson.mutant === undefined ? JSON.stringify(run.edits) : undefined;
  return { recording: recorder.recording(ending), beginning, steps, edits };
}

/** The core with a mistake, which the server of the page makes from the right one. */
async function coreOf(mutant: string): Promise<NonNullable<Core>> {
  const url = new URL(`../../../mutants/${mutant}/part4/src/core/chain-core.js`, import.meta.url);
  return ((await import(url.href)) as { readonly ChainCore: NonNullable<Core> }).ChainCore;
}
