import { type Answer, type Command, conditionalPuts, methodCommand, readCommands } from '@tablelab/part2';
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
  const written = (name: OperationName & { readonly applied?: boolean | undefined }): Answer => {
    ownWrites.set(name.number, name);
    const [oldest = name.number] = ownWrites.keys();
    if (ownWrites.size > ownWritesMax) ownWrites.delete(oldest);
    const text = `operation ${formatName(name)}`;
    const json = { operation: name.number, epoch: name.epoch };
    const { applied } = name;
    if (applied === undefined) return { text, json };
    return { text: applied ? text : `${text}, without effect`, json: { ...json, applied }, isNo: !applied };
  };
  const asked = (text: string): OperationNameAsked => {
    const name = parseName(text);
    return name.epoch === undefined ? (ownWrites.get(name.number) ?? name) : name;
  };
  return [
    methodCommand('put', written),
    methodCommand('del', written),
    ...conditionalPuts(written),
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
