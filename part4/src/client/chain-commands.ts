import { type Command, methodCommand, readCommands } from '@tablelab/part2';
import { formatName, type OperationName, type OperationNameAsked, parseName } from '../write-name.ts';
import type { ChainTable } from './chain-table.ts';

/** How many of its writes a client program remembers, so that `verify` finds them by number. */
const ownWritesMax = 10_000;

/**
 * The commands of the client program (assignment part 4). A write prints its name, `epoch:number`, once the whole chain
 * has executed it. `verify` takes a name or a number alone. A number means this client's write of that number if there
 * is one, and otherwise any client's.
 */
export function chainCommands(): readonly Command<ChainTable>[] {
  const ownWrites = new Map<number, OperationName>();
  const written = (name: OperationName) => {
    ownWrites.set(name.number, name);
    const [oldest = name.number] = ownWrites.keys();
    if (ownWrites.size > ownWritesMax) ownWrites.delete(oldest);
    return { text: `operation ${formatName(name)}`, json: { operation: name.number, epoch: name.epoch } };
  };
  const asked = (text: string): OperationNameAsked => {
    const name = parseName(text);
    return name.epoch === undefined ? (ownWrites.get(name.number) ?? name) : name;
  };
  return [
    methodCommand('put', written),
    methodCommand('del', written),
    {
      name: 'verify',
      parameters: ['operation'],
      summary: 'tell whether the whole chain has executed the operation',
      async run(table, { words: [operation = ''] }) {
        const executed = await table.verify(asked(operation));
        return { text: executed ? 'executed' : 'not executed yet', json: { executed } };
      },
    },
    ...readCommands,
  ];
}
