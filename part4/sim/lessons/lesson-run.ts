import { must } from '@tablelab/shared';
import type { Edit, EditList } from '../directed/edit-list.ts';
import { DirectedRun, type DirectedRunOptions } from '../directed/directed-run.ts';
import { endingOf } from '../run-ending.ts';
import { holds, type Situation } from './condition.ts';
import { type Lesson, stepLimitMs } from './lesson.ts';

/** What has come of a step. */
export interface PlayedStep {
  /** Whether its condition held within its limit. */
  readonly isReached: boolean;
  /** The numbers of events before it and after it. */
  readonly from: number;
  readonly to: number;
  readonly tookMs: number;
  /** Which choices of its question hold. */
  readonly choices: readonly boolean[];
  /** Why actions could not be carried out. */
  readonly refusals: readonly string[];
}

/** A lesson as it is played. It goes on when a rule is broken, so that clients show what comes of that. */
export class LessonRun {
  readonly lesson: Lesson;
  readonly run: DirectedRun;
  readonly played: PlayedStep[] = [];
  #broken: string | undefined;
  /** What clients were answered fits no order: each further check would find that again. */
  #hasNoOrder = false;

  constructor(lesson: Lesson, options: Pick<DirectedRunOptions, 'Core' | 'onStep'> = {}) {
    const { seed, servers } = lesson;
    this.lesson = lesson;
    this.run = new DirectedRun({
      ...options,
      seed,
      servers,
      keepsTrace: true,
      onBroken: ({ message }) => this.#noteBroken(message),
    });
  }

  /** The rule that was broken first. */
  get broken(): string | undefined {
    return this.#broken;
  }

  /** Brings the chain into the situation in which the lesson begins. */
  async begin(): Promise<void> {
    const { run } = this;
    await run.begin();
    for (const action of this.lesson.before ?? []) {
      run.hands.perform(action);
      await run.until(() => run.cluster.isQuiet && run.hands.areCallsDone, { limitMs: stepLimitMs });
    }
  }

  /** Plays the next step. */
  async playStep(): Promise<PlayedStep> {
    const { run } = this;
    const { world, hands } = run;
    const step = must(this.lesson.steps[this.played.length], 'a lesson is played up to its last step');
    const [from, stepAtMs] = [world.steps, world.now];
    const situation = (): Situation => ({ run, stepAtMs, broken: this.#broken });
    const refusals: string[] = [];
    for (const action of step.actions ?? []) {
      const { refusal } = hands.perform(action);
      if (refusal !== undefined) refusals.push(refusal);
    }
    const { failure } = await endingOf(world, async () => {
      await run.until(() => holds(step.until, situation()), { limitMs: step.limitMs ?? stepLimitMs });
      if (!this.#hasNoOrder) run.check();
    });
    this.#hasNoOrder ||= failure !== undefined;
    this.#noteBroken(failure);
    const played = {
      isReached: holds(step.until, situation()),
      from,
      to: world.steps,
      tookMs: world.now - stepAtMs,
      choices: (step.question?.choices ?? []).map((choice) => holds(choice.holds, situation())),
      refusals,
    };
    this.played.push(played);
    return played;
  }

  async playToTheEnd(): Promise<void> {
    while (this.played.length < this.lesson.steps.length) await this.playStep();
  }

  #noteBroken(rule: string | undefined): void {
    this.#broken ??= rule;
  }

  /** What has been done until now, as a list of edits that repeats it, for a playground that goes on from here. */
  get edits(): EditList {
    const edits = this.run.hands.performed.map(({ action, step }): Edit => ({ ...action, after: step }));
    return { servers: this.lesson.servers, edits };
  }
}
