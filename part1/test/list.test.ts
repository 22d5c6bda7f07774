import { checkKey, duplicateData, duplicateEntry, List } from '@tablelab/part1';
import { noBytes, noText, syncTest } from '@tablelab/part1/testing';
import { cases } from '@tablelab/shared/testing';
import t from 'tap';

const wrong = { name: 'TableError', code: 'BAD_REQUEST' };
const entry = (key: string, ...value: number[]) => ({ key, value: Uint8Array.from(value) });

function listOf(...keys: string[]): List {
  const list = new List();
  for (const [index, key] of keys.entries()) list.add(entry(key, index));
  return list;
}

syncTest(
  t,
  'a duplicate of data has the same bytes and no memory in common (part1/README.md#data-duplicate)',
  (t) => {
    const data = Buffer.from([0, 1, 255]);
    const copy = duplicateData(data);
    t.equal(Object.getPrototypeOf(copy), Uint8Array.prototype, 'a plain Uint8Array, even of a Buffer');
    data.fill(7);
    t.same(copy, Uint8Array.of(0, 1, 255), 'the original changes, the copy does not');
    t.same(duplicateData(new Uint8Array(0)), new Uint8Array(0), 'there is data of no bytes');
  },
);

syncTest(t, 'a duplicate of an entry has a copy of its value (part1/README.md#entry-duplicate)', (t) => {
  const original = entry('a', 1, 2);
  const copy = duplicateEntry(original);
  original.value.fill(7);
  t.same(copy, entry('a', 1, 2));
});

syncTest(t, 'add appends at the end and returns true (part1/README.md#list-add-appends)', (t) => {
  const list = new List();
  t.same(
    ['c', 'a', 'b'].map((key) => list.add(entry(key, 1))),
    [true, true, true],
  );
  t.same(list.keys(), ['c', 'a', 'b'], 'in the order in which they were added');
});

syncTest(
  t,
  'add replaces the entry of a present key, in its place (part1/README.md#list-add-replaces)',
  (t) => {
    const list = listOf('a', 'b', 'c');
    for (const key of cases(t, ['a', 'b', 'c'])) {
      t.equal(list.add(entry(key, 9)), false, `${key}: the list did not grow`);
      t.same(list.get(key), entry(key, 9));
      t.same(list.keys(), ['a', 'b', 'c'], `${key}: the order has not changed`);
    }
    t.equal(list.size, 3);
  },
);

syncTest(t, 'get returns the entry of a key, or undefined (part1/README.md#list-get)', (t) => {
  const list = listOf('a', 'b', 'c');
  t.same(
    ['a', 'b', 'c', 'd'].map((key) => list.get(key)),
    [entry('a', 0), entry('b', 1), entry('c', 2), undefined],
  );
  t.equal(new List().get('a'), undefined, 'an empty list holds nothing');
  const kept = entry('k', 1);
  list.add(kept);
  t.equal(list.get('k'), kept, 'the list keeps the entry itself; the table copies');
});

syncTest(t, 'remove removes a key and returns whether it was present (part1/README.md#list-remove)', (t) => {
  for (const key of cases(t, ['a', 'b', 'c'])) {
    const list = listOf('a', 'b', 'c');
    const others = ['a', 'b', 'c'].filter((other) => other !== key);
    t.equal(list.remove(key), true);
    t.same(list.keys(), others, `without ${key} the others stay, in order`);
    t.equal(list.remove(key), false, `${key} is gone`);
    list.add(entry(key, 9));
    t.same(list.keys(), [...others, key], 'added again, it stands at the end');
  }
  const single = listOf('a');
  t.equal(single.remove('a'), true);
  t.same(single.keys(), []);
  t.equal(new List().remove('a'), false);
});

syncTest(t, 'size and keys follow every change (part1/README.md#list-size)', (t) => {
  const list = new List();
  const states: [number, string[]][] = [];
  const note = () => states.push([list.size, list.keys()]);
  note();
  list.add(entry('a'));
  note();
  list.add(entry('b'));
  note();
  list.add(entry('a'));
  note();
  list.remove('x');
  note();
  list.remove('a');
  note();
  t.same(states, [
    [0, []],
    [1, ['a']],
    [2, ['a', 'b']],
    [2, ['a', 'b']],
    [2, ['a', 'b']],
    [1, ['b']],
  ]);
});

syncTest(t, 'a duplicate of data of another type is refused (part1/README.md#data-duplicate)', (t) => {
  for (const [name, value] of cases(t, noBytes)) t.throws(() => duplicateData(value), wrong, name);
});

syncTest(t, 'a duplicate of an entry of another type is refused (part1/README.md#entry-duplicate)', (t) => {
  for (const [name, value] of cases(t, noBytes)) {
    t.throws(() => duplicateEntry({ key: 'a', value: value }), wrong, name);
  }
});

syncTest(t, 'a list refuses keys and values of other types (part1/README.md#list-arguments)', (t) => {
  const list = listOf('a');
  for (const [name, value] of cases(t, noBytes)) {
    t.throws(() => list.add({ key: 'a', value: value }), wrong, `add: ${name}`);
  }
  for (const [name, key] of cases(t, noText)) {
    t.throws(() => list.add({ key: key, value: Uint8Array.of() }), wrong, `add: ${name}`);
    t.throws(() => list.get(key), wrong, `get: ${name}`);
    t.throws(() => list.remove(key), wrong, `remove: ${name}`);
    t.throws(() => checkKey(key), wrong, `checkKey: ${name}`);
  }
  for (const none of cases(t, [undefined, null, 7, 'a'])) {
    t.throws(() => list.add(none as never), wrong, `add: ${none}`);
  }
  t.same([...list], [entry('a', 0)], 'the list is as it was');
});

syncTest(t, 'a list can be iterated with for...of (part1/README.md#list-size)', (t) => {
  t.same([...listOf('a', 'b')], [entry('a', 0), entry('b', 1)]);
});

syncTest(t, 'split divides a list into two, both in order (part1/README.md#table-growth)', (t) => {
  const keys = ['a', 'b', 'c', 'd'];
  for (let chosen = 0; chosen < 2 ** keys.length; chosen += 1) {
    const moves = (key: string) => (chosen & (1 << keys.indexOf(key))) !== 0;
    const kept = listOf(...keys);
    const moved = kept.split(({ key }) => moves(key));
    const found = [moved.keys(), moved.size, kept.keys(), kept.size];
    const movedKeys = keys.filter(moves);
    const keptKeys = keys.filter((key) => !moves(key));
    t.same(found, [movedKeys, movedKeys.length, keptKeys, keptKeys.length], `choosing ${movedKeys}`);
  }
});
