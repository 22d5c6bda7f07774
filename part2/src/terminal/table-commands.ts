import type { RemoteReader, RemoteTable } from '../client/remote-table.ts';
import type { Answer, Command } from './command.ts';
import { keyText, valueJson, valueText } from './value-text.ts';

/** The commands of the client program (assignment part 2). */

const keyNotFound: Answer = { text: 'key not found', json: { found: false } };

/** The commands that only read: parts 3 and 4 have them too. */
export const readCommands: readonly Command<Pick<RemoteReader, 'get' | 'size' | 'getKeys'>>[] = [
  {
    name: 'get',
    parameters: ['key'],
    summary: 'show the value of the key',
    async run(table, { words: [key = ''] }) {
      const value = await table.get(key);
      if (value === undefined) return keyNotFound;
      return { text: valueText(value), json: { found: true, ...valueJson(value) }, value };
    },
  },
  {
    name: 'size',
    parameters: [],
    summary: 'show how many keys there are',
    async run(table) {
      const size = await table.size();
      return { text: String(size), json: { size } };
    },
  },
  {
    name: 'getkeys',
    parameters: [],
    summary: 'show all keys, one a line',
    async run(table) {
      const keys = await table.getKeys();
      return { text: keys.length === 0 ? '<no keys>' : keys.map(keyText).join('\n'), json: { keys } };
    },
  },
];

/** All commands of part 2. */
export const tableCommands: readonly Command<RemoteTable>[] = [
  {
    name: 'put',
    parameters: ['key', 'data'],
    summary: 'store data, which runs to the end of the line, under the key',
    async run(table, { words: [key = ''], data }) {
      await table.put(key, data);
      return { text: 'ok', json: { ok: true } };
    },
  },
  {
    name: 'del',
    parameters: ['key'],
    summary: 'remove the key',
    async run(table, { words: [key = ''] }) {
      return (await table.del(key)) ? { text: 'ok', json: { found: true } } : keyNotFound;
    },
  },
  ...readCommands,
];
