import type { CheckedHistory } from './history-file.ts';
import type { Recording } from './recording.ts';
import type { RunName } from './run-name.ts';

/**
 * What the page asks of its worker. `hashes`: those of many seeds; `record`: all of one run; `lesson`: all of a lesson; `history`: to check
 * the text of a file. `core`: the folder
 * of the core below `modules`; by default, the one that the simulator has.
 */
export type ToWorker =
  | { readonly type: 'hashes'; readonly first: number; readonly last: number }
  | { readonly type: 'record'; readonly run: RunName; readonly core: string | undefined }
  | { readonly type: 'lesson'; readonly name: string; readonly core: string | undefined }
  | { readonly type: 'history'; readonly text: string };

/** `ready`: the worker is loaded; `progress`: a run goes on, and has had so many events. */
export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly steps: number }
  | { readonly type: 'hash'; readonly seed: number; readonly hash: string }
  | { readonly type: 'recorded'; readonly run: RunName; readonly recording: Recording }
  | { readonly type: 'lesson'; readonly name: string; readonly played: PlayedLesson }
  | { readonly type: 'history'; readonly history: CheckedHistory }
  | { readonly type: 'failed'; readonly text: string };

/** A lesson, played to its end. */
export interface PlayedLesson {
  readonly recording: Recording;
  /** The place in the recording's frames at which the first step begins. */
  readonly beginning: number;
  readonly steps: readonly PlayedStep[];
  /** What was done in it, to go on from in the playground; undefined if its core has a mistake. */
  readonly edits: string | undefined;
}

export interface PlayedStep {
  /** The place of its last frame. */
  readonly end: number;
  /** Which choices of its question are what happens. */
  readonly choices: readonly boolean[];
  /** The rule of the chain that has been broken until then. */
  readonly broken: string | undefined;
}
