import { type Answer, type Command, methodCommand, operationCommand, readCommands } from '@tablelab/part2';
import { integerArgument } from '@tablelab/shared/command-line';
import type { AsyncRemoteTable } from './async-remote-table.ts';

/** The commands of the client program (assignment part 3): a write answers with its operation number. */
export const asyncCommands: readonly Command<AsyncRemoteTable>[] = [
  methodCommand('put', operationAnswer),
  methodCommand('del', operationAnswer),
  operationCommand('verify', async (table, { words: [opN = ''] }) => {
    const number = integerArgument('<op_n>', opN, { min: 0, max: Number.MAX_SAFE_INTEGER });
    const executed = await table.verify(number);
    return { text: executed ? 'executed' : 'not executed yet', json: { executed } };
  }),
  ...readCommands,
];

function operationAnswer(operation: number): Answer {
  return { text: `operation ${operation}`, json: { operation } };
}
