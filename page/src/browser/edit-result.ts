import { describeOutcome } from '@tablelab/part4/sim/hand-client';
import type { RunResult } from '@tablelab/part4/sim/run-seed';

type Performed = RunResult['edits'][number];

/** What has come of an edit in the run: why nothing was done, or the answer to a client's call, each on one line. */
export type EditResult =
  | { readonly type: 'done' | 'unanswered' }
  | { readonly type: 'refused' | 'answered'; readonly text: string };

export function editResult({ refusal, answer }: Performed): EditResult {
  if (refusal !== undefined) return { type: 'refused', text: refusal };
  if (answer === undefined) return { type: 'done' };
  if (answer.outcome === undefined) return { type: 'unanswered' };
  return { type: 'answered', text: describeOutcome(answer.outcome) };
}
