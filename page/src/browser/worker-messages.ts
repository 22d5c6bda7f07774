import type { Recording } from './recording.ts';

/** What the page asks of its worker. `hashes`: those of many seeds; `record`: all of one run. */
export type ToWorker =
  | { readonly type: 'hashes'; readonly first: number; readonly last: number }
  | ({ readonly type: 'record' } & RunName);

/** What repeats a run. */
export interface RunName {
  readonly seed: number;
  /** What a person does in it, as JSON: an `EditList` of the simulator. */
  readonly edits: string | undefined;
}

export type FromWorker =
  | { readonly type: 'hash'; readonly seed: number; readonly hash: string }
  | { readonly type: 'recorded'; readonly run: RunName; readonly recording: Recording }
  | { readonly type: 'failed'; readonly text: string };
