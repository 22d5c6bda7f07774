import { checkKey, duplicateData, duplicateEntry, List } from '@tablelab/part1';
import { cases } from '@tablelab/shared/testing';
import t from 'tap';
import { checkEntry } from '../src/entry.ts';

// The reference's own words. No rule asks for them, so this file grades nobody.
t.test('an error says which argument is wrong, and what it should be', async (t) => {
  const value = Uint8Array.of(1);
  const calls: [call: () => unknown, message: RegExp][] = [
    [() => duplicateData('x' as never), /^a value is a Uint8Array, not a string/],
    [() => duplicateEntry({ key: 1, value } as never), /^a key is a string, not 1/],
    [() => duplicateEntry({ key: 'k', value: 'x' } as never), /^a value is a Uint8Array/],
    [() => checkEntry(null as never), /^an entry is \{ key, value \}/],
    [() => checkEntry({ key: 1, value } as never), /^a key is a string/],
    [() => checkEntry({ key: 'k', value: 'x' } as never), /^a value is a Uint8Array/],
    [() => checkKey(1 as never), /^a key is a string/],
    [() => checkKey('ab\0'), /^a key must not contain NUL, found one at index 2$/],
    [() => checkKey('\ud800'), /lone surrogate/],
    [() => new List().get(1 as never), /^a key is a string/],
    [() => new List().remove(1 as never), /^a key is a string/],
  ];
  for (const [call, message] of cases(t, calls)) t.throws(call, { code: 'BAD_REQUEST', message });
});
