import { describeOutcome } from '@tablelab/part4/sim/hand-client';
import type { RunResult } from '@tablelab/part4/sim/run-seed';

type Performed = RunResult['edits'][number];

/** What has come of an edit in the run, on one line: why nothing was done, or the answer to a client's call. */
export function editResult({ refusal, answer }: Performed): string {
  if (refusal !== undefined) return `✕ ${refusal}`;
  if (answer === undefined) return '✓ done';
  return answer.outcome === undefined ? 'no answer' : describeOutcome(answer.outcome);
}
