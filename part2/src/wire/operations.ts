import { checkKey } from '@tablelab/part1';
import { checkBytes, isCount, TableError, wrongArgument } from '@tablelab/shared';
import { ContentType, type Message, type MessageFields } from './message.ts';

const { CT_KEY, CT_VALUE, CT_ENTRY, CT_KEYS, CT_RESULT, CT_NONE } = ContentType;

/** The kinds of tasks that writes become (part 3). */
export type TaskName = 'put' | 'putIfAbsent' | 'putIfEquals' | 'del';

/** The properties of an operation, which are the same for every part that executes it. */
export interface Operation {
  /** The opcode of a request; the reply's is one more. */
  readonly opcode: number;
  /** The content type of a request. */
  readonly content: number;
  /** The content type of a reply. In parts 3 and 4 the reply to a write is its number instead: CT_RESULT. */
  readonly reply: number;
  /** Whether the reply says that the key was absent by the error KEY_ABSENT. */
  readonly absentKeyIsError?: true;
  /** Writes are numbered, queued and replicated from part 3 on; reads go to the table at once. */
  readonly access: 'read' | 'write';
  /** What the operation reads or changes: the classes of data that rights are granted for. */
  readonly data: 'values' | 'keys' | 'counts' | 'writes' | 'sessions';
  /** The kind of task that a write becomes, if it changes the table. */
  readonly task?: TaskName;
  /** The part of the assignment that brings it. */
  readonly part: 2 | 3 | 4;
  /** What it does, for `help` at the terminal. */
  readonly summary: string;
}

/**
 * All operations (the hand-outs' tables of messages). Skeletons, stubs and the terminal's commands follow from this
 * table: a new operation needs a row here, an opcode in shared/proto/sdmessage.proto, and its execution in each part.
 */
export const operations = {
  put: {
    opcode: 40,
    content: CT_ENTRY,
    reply: CT_NONE,
    access: 'write',
    data: 'values',
    task: 'put',
    part: 2,
    summary: 'store data, which runs to the end of the line, under the key',
  },
  putIfAbsent: {
    opcode: 92,
    content: CT_ENTRY,
    reply: CT_NONE,
    access: 'write',
    data: 'values',
    task: 'putIfAbsent',
    part: 2,
    summary: 'store data under the key if there is no such key',
  },
  putIfEquals: {
    opcode: 94,
    content: CT_ENTRY,
    reply: CT_NONE,
    access: 'write',
    data: 'values',
    task: 'putIfEquals',
    part: 2,
    summary: 'store data in place of the value of the key, if that is <value>',
  },
  del: {
    opcode: 20,
    content: CT_KEY,
    reply: CT_NONE,
    absentKeyIsError: true,
    access: 'write',
    data: 'values',
    task: 'del',
    part: 2,
    summary: 'remove the key, if it is there',
  },
  get: {
    opcode: 30,
    content: CT_KEY,
    reply: CT_VALUE,
    access: 'read',
    data: 'values',
    part: 2,
    summary: 'show the value of the key',
  },
  has: {
    opcode: 90,
    content: CT_KEY,
    reply: CT_RESULT,
    access: 'read',
    data: 'keys',
    part: 2,
    summary: 'tell whether there is such a key',
  },
  size: {
    opcode: 10,
    content: CT_NONE,
    reply: CT_RESULT,
    access: 'read',
    data: 'counts',
    part: 2,
    summary: 'show how many keys there are',
  },
  getKeys: {
    opcode: 50,
    content: CT_NONE,
    reply: CT_KEYS,
    access: 'read',
    data: 'keys',
    part: 2,
    summary: 'show all keys, one a line',
  },
  scan: {
    opcode: 80,
    content: CT_KEY,
    reply: CT_KEYS,
    access: 'read',
    data: 'keys',
    part: 2,
    summary: 'show the keys that begin with the prefix, or all of them, sorted',
  },
  verify: {
    opcode: 60,
    content: CT_RESULT,
    reply: CT_RESULT,
    access: 'read',
    data: 'writes',
    part: 3,
    summary: 'tell whether the write has been executed',
  },
  open: {
    opcode: 70,
    content: CT_NONE,
    reply: CT_RESULT,
    access: 'write',
    data: 'sessions',
    part: 4,
    summary: 'open a client session',
  },
  status: {
    opcode: 84,
    content: CT_NONE,
    reply: CT_VALUE,
    access: 'read',
    data: 'counts',
    part: 4,
    summary: 'show what a server of the chain knows of itself',
  },
  dump: {
    opcode: 86,
    content: CT_KEY,
    reply: CT_VALUE,
    access: 'read',
    data: 'values',
    part: 4,
    summary: 'read some entries, and what has changed since the last ones',
  },
} as const satisfies Readonly<Record<string, Operation>>;

export type OperationName = keyof typeof operations;

/** The operations of part 2: those that any table can execute. */
export type TableOperationName = {
  [N in OperationName]: (typeof operations)[N]['part'] extends 2 ? N : never;
}[OperationName];

/** Those of them that only read. */
export type ReadName = {
  [N in TableOperationName]: (typeof operations)[N]['access'] extends 'read' ? N : never;
}[TableOperationName];

export const operationNames = Object.keys(operations) as readonly OperationName[];

/** The opcodes of requests: OP_PUT and so on. A reply has its request's opcode plus one, or OP_ERROR. */
export const Opcode = Object.freeze({
  OP_BAD: 0,
  ...(Object.fromEntries(
    operationNames.map((name) => [`OP_${name.toUpperCase()}`, operations[name].opcode]),
  ) as { readonly [N in OperationName as `OP_${Uppercase<N>}`]: (typeof operations)[N]['opcode'] }),
  OP_ERROR: 99,
});

/** The operation of a request. */
export interface RequestedOperation extends Operation {
  readonly name: OperationName;
  /** Whether a request has a key. */
  readonly takesKey: boolean;
}

/** By opcode. Each request does a lookup, and an array is faster than a Map. */
const byOpcode: (RequestedOperation | undefined)[] = [];
for (const name of operationNames) {
  const operation: Operation = operations[name];
  const takesKey = operation.content === CT_KEY || operation.content === CT_ENTRY;
  byOpcode[operation.opcode] = { name, takesKey, ...operation };
}

/** The operation that has this opcode. */
export function operationWithOpcode(opcode: number): RequestedOperation | undefined {
  return byOpcode[opcode];
}

/**
 * The operation of a request.
 * @throws TableError BAD_REQUEST for an unknown opcode, content that does not belong to the opcode, and a bad key
 */
export function operationOf({ opcode, c_type, key, expected }: Message): RequestedOperation {
  const operation = byOpcode[opcode];
  if (operation === undefined) throw unknownOpcode(opcode);
  const { content } = operation;
  if (c_type !== content) {
    throw new TableError('BAD_REQUEST', `opcode ${opcode} needs content type ${content}, not ${c_type}`);
  }
  checkKey(key);
  // A server that ignored a condition would store a value that the client did not want to be stored.
  if (expected.length > 0 && operation.name !== 'putIfEquals') {
    throw new TableError('BAD_REQUEST', `opcode ${opcode} has no expected value`);
  }
  return operation;
}

/** The error for an operation that a server cannot execute. */
export function unknownOpcode(opcode: number): TableError {
  return new TableError('BAD_REQUEST', `this server knows no opcode ${opcode}`);
}

/** The arguments of a request, by its content type. */
interface ContentArguments {
  readonly [CT_NONE]: [];
  readonly [CT_KEY]: [key: string];
  readonly [CT_ENTRY]: [key: string, data: Uint8Array];
  readonly [CT_RESULT]: [number: number];
}

export type OperationArguments<N extends OperationName> = ContentArguments[(typeof operations)[N]['content']];

type Requests = { readonly [N in OperationName]: (...args: OperationArguments<N>) => MessageFields };

/**
 * The request of each operation: `requests.put(key, data)`. Each throws TableError BAD_REQUEST for an invalid key, for
 * a value that is not bytes, and for an invalid operation number.
 */
export const requests = Object.fromEntries(
  operationNames.map((name) => [name, requestMaker(operations[name])]),
) as Requests;

function requestMaker({ opcode, content }: Operation): (...args: never[]) => MessageFields {
  switch (content) {
    case CT_KEY:
      return (key: string) => ({ opcode, c_type: content, key: checked(key) });
    case CT_ENTRY:
      return (key: string, data: Uint8Array) => {
        checkBytes('a value', data);
        return { opcode, c_type: content, key: checked(key), data };
      };
    case CT_RESULT:
      return (result: number) => {
        if (!isCount(result)) throw wrongArgument('an operation is numbered from 0 up', result);
        return { opcode, c_type: content, result };
      };
    default:
      return () => ({ opcode, c_type: content });
  }
}

/** Where a scan goes on, and how many keys it brings at most. */
export interface ScanPosition {
  readonly from: number;
  /** 0: as many as suits the server. */
  readonly limit: number;
}

export function scanRequest(prefix: string, { from, limit }: ScanPosition): MessageFields {
  return { ...requests.scan(prefix), from, limit };
}

/** Throws as `requests.putIfEquals`, and for an expected value that is not bytes. */
export function putIfEqualsRequest(key: string, expected: Uint8Array, data: Uint8Array): MessageFields {
  checkBytes('an expected value', expected);
  return { ...requests.putIfEquals(key, data), expected };
}

function checked(key: string): string {
  checkKey(key);
  return key;
}
