import { lessons } from '@tablelab/part4/sim/lessons';
import { LessonRun } from '@tablelab/part4/sim/lesson-run';
import type { Moment } from '@tablelab/part4/sim/run-seed';
import { must } from '@tablelab/shared';
import { coreIn } from './core-in.ts';
import { Recorder } from './recorder.ts';
import type { PlayedLesson, PlayedStep } from './worker-messages.ts';

interface PlayOptions {
  /** Where the core is that is played, unless the lesson has one of its own. */
  readonly core: string | undefined;
  readonly onStep: (moment: Moment) => void;
}

/** Plays a lesson to its end, with the core that belongs to it. */
export async function playLesson(name: string, { core, onStep }: PlayOptions): Promise<PlayedLesson> {
  const lesson = must(
    lessons.find((one) => one.name === name),
    `there is a lesson called ${name}`,
  );
  const folder = lesson.mutant === undefined ? core : `mutants/${lesson.mutant}`;
  const recorder = new Recorder();
  const run = new LessonRun(lesson, {
    ...(folder === undefined ? {} : { Core: await coreIn(folder) }),
    onStep: (moment) => {
      onStep(moment);
      recorder.look(moment);
    },
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
  const ending = {
    seed: lesson.seed,
    hash,
    steps: events,
    failure: run.broken,
    failureStep: undefined,
    endMs,
    operations,
  };
  const edits = lesson.mutant === undefined ? JSON.stringify(run.edits) : undefined;
  return { recording: recorder.recording(ending), beginning, steps, edits };
}
