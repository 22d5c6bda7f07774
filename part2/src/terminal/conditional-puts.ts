import type { RemoteTable } from '../client/remote-table.ts';
import { operations } from '../wire/operations.ts';
import type { Answer, Command } from './command.ts';

/** The commands `put --if-absent` and `put --if-equals`. */

export const ifAbsentOption = '--if-absent';
export const ifEqualsOption = '--if-equals';

/** A stub with puts on condition; `R` is their result. */
interface ConditionalPuts<R> {
  putIfAbsent(key: string, value: Uint8Array): Promise<R>;
  putIfEquals(key: string, expected: Uint8Array, value: Uint8Array): Promise<R>;
}

/** `answer` says how to show the result. The expected value is text. */
export function conditionalPuts<R>(answer: (result: R) => Answer): readonly Command<ConditionalPuts<R>>[] {
  return [
    {
      name: 'put',
      option: ifAbsentOption,
      parameters: ['key', 'data'],
      summary: operations.putIfAbsent.summary,
      isWrite: true,
      run: async (stub, { words: [key = ''], data }) => answer(await stub.putIfAbsent(key, data)),
    },
    {
      name: 'put',
      option: ifEqualsOption,
      parameters: ['value', 'key', 'data'],
      summary: operations.putIfEquals.summary,
      isWrite: true,
      run: async (stub, { words: [expected = '', key = ''], data }) =>
        answer(await stub.putIfEquals(key, new TextEncoder().encode(expected), data)),
    },
  ];
}

/** The commands of part 2, where the answer says at once whether the value is stored. */
export const immediateConditionalPuts: readonly Command<Pick<RemoteTable, 'putIfAbsent' | 'putIfEquals'>>[] =
  conditionalPuts((stored: boolean) => ({
    text: stored ? 'ok' : 'not stored',
    json: { stored },
    isNo: !stored,
  }));
