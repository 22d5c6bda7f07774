import { type Command, readCommands } from '@tablelab/part2';
import { integerArgument } from '@tablelab/shared/command-line';
import type { AsyncRemoteTable } from './async-remote-table.ts';

/** The commands of the client program (assignment part 3): a write answers with its operation number. */
export const asyncCommands: readonly Command<AsyncRemoteTable>[] = [
  {
    name: 'put',
    parameters: ['key', 'data'],
    summary: 'store data, which runs to the end of the line, under the key',
    run: async (table, { words: [key = ''], data }) => operationAnswer(await table.put(key, data)),
  },
  {
    name: 'del',
    parameters: ['key'],
    summary: 'remove the key, if it is there',
    run: async (table, { words: [key = ''] }) => operationAnswer(await table.del(key)),
  },
  {
    name: 'verify',
    parameters: ['op_n'],
    summary: 'tell whether the operation has been executed',
    async run(table, { words: [opN = ''] }) {
      const executed = await table.verify(
        integerArgument('<op_n>', opN, { min: 0, max: Number.MAX_SAFE_INTEGER }),
      );
      return { text: executed ? 'executed' : 'not executed yet', json: { executed } };
    },
  },
  ...readCommands,
];

function operationAnswer(operation: number): { text: string; json: { operation: number } } {
  return { text: `operation ${operation}`, json: { operation } };
}
