import { readFile } from 'node:fs/promises';
import * as part4 from '@tablelab/part4';
import t from 'tap';

const part = new URL('../', import.meta.url);
const [readme, index] = await Promise.all(
  ['README.md', 'src/index.ts'].map((file) => readFile(new URL(file, part), 'utf8')),
);

/** The names in the first column of the table below "From `@tablelab/part4`:". */
function listedNames(): string[] {
  const [, table = ''] = /^From `@tablelab\/part4`:\n\n((?:\|.*\n)+)/m.exec(readme ?? '') ?? [];
  const cells = table.split('\n').map((line) => line.split('|')[1] ?? '');
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)(?:\.[^`]*)?`/g)].map(([, name = '']) => name));
}

/** The names that index.ts exports, types among them. */
function exportedNames(): string[] {
  const lists = [...(index ?? '').matchAll(/^export (?:type )?\{([^}]*)\}/gm)].map(([, list = '']) => list);
  return lists.flatMap((list) => list.split(',').map((name) => name.replace(/\btype\b/, '').trim()));
}

t.test(
  'the package exports what the hand-out lists, and nothing else (part4/README.md#interface)',
  async (t) => {
    const listed = listedNames();
    t.ok(listed.length >= 10, 'the table is found');
    t.equal(new Set(listed).size, listed.length, 'no name is listed twice');
    t.same(exportedNames().sort(), [...listed].sort());
    const values = Object.keys(part4).sort();
    t.ok(values.length >= 6, 'classes and functions are found');
    t.same(
      values.filter((name) => !listed.includes(name)),
      [],
      'so are those that index.ts exports in another way',
    );
  },
);

t.test('a class has the methods that the hand-out lists (part4/README.md#interface)', async (t) => {
  const rows = [...(readme ?? '').matchAll(/^\| (`([A-Z]\w+)\b.*)$/gm)];
  let found = 0;
  for (const [, row = '', name = ''] of rows) {
    const value = (part4 as unknown as Record<string, unknown>)[name];
    if (typeof value !== 'function') continue;
    for (const [, member = ''] of row.matchAll(/`(?:\w+\.)?(\w+)\([^`]*\)`/g)) {
      found += 1;
      t.ok(member in value || member in value.prototype, `${name} has ${member}`);
    }
  }
  t.ok(found >= 18, 'the methods are found');
});
