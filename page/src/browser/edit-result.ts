import type { RunResult } from '@tablelab/part4/sim/run-seed';

type Performed = RunResult['edits'][number];

/** What has come of an edit in the run, on one line: why nothing was done, or the answer to a client's call. */
export function editResult({ refusal, answer }: Performed): string {
  if (refusal !== undefined) return `✕ ${refusal}`;
  if (answer === undefined) return '✓ done';
  const { outcome } = answer;
  if (outcome === undefined) return 'no answer';
  switch (outcome.type) {
    case 'written': {
      const { name, isApplied } = outcome;
      return `COMMITTED as ${name.epoch}:${name.number}${isApplied === false ? ', without effect' : ''}`;
    }
    case 'value':
      return outcome.value === undefined ? 'no such key' : `value ${decoder.decode(outcome.value)}`;
    case 'verified':
      return outcome.executed ? 'executed' : 'pending';
    case 'error':
      return `${outcome.code}: ${outcome.detail}`;
    default:
      return outcome.type;
  }
}

const decoder = new TextDecoder();
