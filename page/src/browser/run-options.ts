import { diskFaultKinds, type FaultKind, faultKinds } from '@tablelab/part4/sim/faults';
import type { RunOptions } from '@tablelab/part4/sim/run-seed';
import { TableError } from '@tablelab/shared';
import type { RunName } from './run-name.ts';

/** The simulator's options, without those of the edits. @throws TableError BAD_REQUEST for a fault that there is not */
export function runOptionsOf({ seed, faults, keep, hasDisks }: RunName): RunOptions {
  return {
    seed,
    hasDisks,
    ...(faults === undefined ? {} : { kinds: listed(faults).flatMap(kindOf) }),
    ...(keep === undefined ? {} : { faults: listed(keep).map(numberOf) }),
  };
}

function listed(text: string): string[] {
  return text.split(',').filter((part) => part !== '');
}

function kindOf(text: string): FaultKind[] {
  if (text === 'none') return [];
  const known = [...faultKinds, ...diskFaultKinds].find((kind) => kind === text);
  if (known === undefined) throw new TableError('BAD_REQUEST', `there is no fault ${JSON.stringify(text)}`);
  return [known];
}

function numberOf(text: string): number {
  if (!/^\d{1,6}$/.test(text))
    throw new TableError('BAD_REQUEST', `${JSON.stringify(text)} is not the number of a fault`);
  return Number(text);
}
