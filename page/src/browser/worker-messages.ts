import type { Recording } from './recording.ts';

/** What the page asks of its worker. `hashes`: those of many seeds; `record`: all of one run. */
export type ToWorker =
  | { readonly type: 'hashes'; readonly first: number; readonly last: number }
  | { readonly type: 'record'; readonly seed: number };

export type FromWorker =
  | { readonly type: 'hash'; readonly seed: number; readonly hash: string }
  | { readonly type: 'recorded'; readonly recording: Recording }
  | { readonly type: 'failed'; readonly text: string };
