import {
  type Answer,
  type Command,
  conditionalPuts,
  methodCommand,
  operationCommand,
  readCommands,
} from '@tablelab/part2';
import { integerArgument } from '@tablelab/shared/command-line';
import type { AsyncRemoteTable } from './async-remote-table.ts';

/** The commands of the client program (assignment part 3): a write answers with its operation number. */
export const asyncCommands: readonly Command<AsyncRemoteTable>[] = [
  methodCommand('put', operationAnswer),
  methodCommand('del', operationAnswer),
  ...conditionalPuts(operationAnswer),
  operationCommand('verify', async (table, { words: [opN = ''] }) => {
    const number = integerArgument('<op_n>', opN, { min: 0, max: Number.MAX_SAFE_INTEGER });
    return verifyAnswer(await table.outcome(number));
  }),
  ...readCommands,
];

function verifyAnswer({ executed, applied }: Awaited<ReturnType<AsyncRemoteTable['outcome']>>): Answer {
  if (!executed) return { text: 'not executed yet', json: { executed } };
  if (applied === undefined) return { text: 'executed', json: { executed } };
  return {
    text: applied ? 'executed' : 'executed, without effect',
    json: { executed, applied },
    isNo: !applied,
  };
}

function operationAnswer(operation: number): Answer {
  return { text: `operation ${operation}`, json: { operation } };
}
