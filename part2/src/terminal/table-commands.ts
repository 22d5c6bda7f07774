import type { RemoteTable } from '../client/remote-table.ts';
import { ContentType } from '../wire/message.ts';
import {
  type Operation,
  type OperationArguments,
  type OperationName,
  operationNames,
  operations,
  type ReadName,
  type TableOperationName,
} from '../wire/operations.ts';
import type { Answer, Command, CommandArguments } from './command.ts';
import { immediateConditionalPuts } from './conditional-puts.ts';
import { keyText, valueJson, valueText } from './value-text.ts';

/** The commands of the client programs. They follow from the table of operations. */

/** An operation whose command is one call with the arguments in its request: a scan is many calls, conditions are options. */
type CallName = Exclude<TableOperationName, 'scan' | 'putIfAbsent' | 'putIfEquals'>;

const otherNames: readonly OperationName[] = ['scan', 'putIfAbsent', 'putIfEquals'];
const callOperations = operationNames.filter(
  (name): name is CallName => operations[name].part === 2 && !otherNames.includes(name),
);

/** Shows the keys in the order of the characters: a table has none of its own. */
const scanCommand: Command<Pick<RemoteTable, 'scan'>> = {
  name: 'scan',
  parameters: ['[prefix]'],
  summary: operations.scan.summary,
  async run(stub, { words: [prefix] }) {
    const keys: string[] = [];
    for await (const key of stub.scan(prefix)) keys.push(key);
    return keysAnswer(keys.sort());
  },
};

/** All commands of part 2. */
export const tableCommands: readonly Command<RemoteTable>[] = [
  ...callOperations.map((name) => resultCommand(name)),
  scanCommand,
  ...immediateConditionalPuts,
];

/** The commands that only read; parts 3 and 4 have them, too. */
export const readCommands: readonly Command<
  Methods<Exclude<ReadName, 'scan'>> & Pick<RemoteTable, 'scan'>
>[] = [
  ...callOperations
    .filter((name): name is Exclude<ReadName, 'scan'> => operations[name].access === 'read')
    .map((name) => resultCommand(name)),
  scanCommand,
];

/** A stub's methods for operations: each has the operation's name. */
type Methods<N extends CallName, R = unknown> = {
  [M in N]: (...args: OperationArguments<M>) => Promise<R>;
};

/** A command that carries out an operation: its name, parameters and summary come from the table of operations. */
export function operationCommand<S>(name: OperationName, run: Command<S>['run']): Command<S> {
  const { content, summary, access } = operations[name];
  const command = { name: name.toLowerCase(), parameters: parametersOf(content), summary, run };
  return access === 'write' ? { ...command, isWrite: true } : command;
}

/** A command that calls the stub's method with the operation's name; `answer` says how to show the result. */
export function methodCommand<N extends CallName, R>(
  name: N,
  answer: (result: R) => Answer,
): Command<Methods<N, R>> {
  return operationCommand(name, async (stub, args) => {
    const method = stub[name] as (...args: unknown[]) => Promise<R>;
    return answer(await method.apply(stub, argumentsOf(operations[name].content, args)));
  });
}

function resultCommand<N extends CallName>(name: N): Command<Methods<N>> {
  return methodCommand(name, (result: unknown) => answerTo(name, result));
}

/** The names of a request's content in the usage. */
function parametersOf(content: Operation['content']): readonly string[] {
  switch (content) {
    case ContentType.CT_KEY:
      return ['key'];
    case ContentType.CT_ENTRY:
      return ['key', 'data'];
    case ContentType.CT_RESULT:
      return ['op_n'];
    default:
      return [];
  }
}

function argumentsOf(content: Operation['content'], { words, data }: CommandArguments): unknown[] {
  return content === ContentType.CT_ENTRY ? [...words, data] : [...words];
}

const ok: Answer = { text: 'ok', json: { ok: true } };
const keyFound: Answer = { text: 'ok', json: { found: true } };
const keyPresent: Answer = { text: 'yes', json: { found: true } };
const keyMissing: Answer = { text: 'no', json: { found: false }, isNo: true };
const keyNotFound: Answer = { text: 'key not found', json: { found: false }, isNo: true };

function answerTo(name: TableOperationName, result: unknown): Answer {
  const { reply, absentKeyIsError }: Operation = operations[name];
  if (name === 'has') return result === true ? keyPresent : keyMissing;
  if (absentKeyIsError) return result === true ? keyFound : keyNotFound;
  switch (reply) {
    case ContentType.CT_VALUE:
      return valueAnswer(result as Uint8Array | undefined);
    case ContentType.CT_KEYS:
      return keysAnswer(result as string[]);
    case ContentType.CT_RESULT:
      return { text: String(result), json: { [name]: result } };
    default:
      return ok;
  }
}

function valueAnswer(value: Uint8Array | undefined): Answer {
  if (value === undefined) return keyNotFound;
  return { text: valueText(value), json: { found: true, ...valueJson(value) }, value };
}

function keysAnswer(keys: string[]): Answer {
  return { text: keys.length === 0 ? '<no keys>' : keys.map(keyText).join('\n'), json: { keys } };
}
