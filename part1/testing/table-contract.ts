import { TableError } from '@tablelab/shared';
import { cases } from '@tablelab/shared/testing';
import type { Test } from 'tap';
import type { KeyValueTable } from '../src/key-value-table.ts';
import { sameBytes } from './bytes.ts';
import { syncTest } from './sync-test.ts';
import { checkAgainstMap } from './table-model.ts';
import { noBytes, noText } from './wrong-arguments.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

/** What a table throws for an argument of another type. */
const wrong = { constructor: TableError, code: 'BAD_REQUEST', mayHaveHappened: false };

/**
 * The contract of {@link KeyValueTable} as one suite of tests, for part 1's table and for part 3's in shared memory. Each
 * test's name ends with the anchor of its rule in the hand-out.
 *
 * @param makeTable creates an empty table with that many lists, with room for 20,000 small entries and for 8 MiB.
 */
export function tableContract(t: Test, name: string, makeTable: (lists: number) => KeyValueTable): void {
  const rule = (text: string, anchor: string, check: (t: Test) => void) =>
    syncTest(t, `${name}: ${text} (part1/README.md#${anchor})`, check);

  rule('a table has at least one list', 'table-lists', (t) => {
    for (const lists of cases(t, [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])) {
      t.throws(
        () => makeTable(lists),
        { name: 'TableError', code: 'BAD_REQUEST' },
        `n = ${lists} is refused`,
      );
    }
    for (const lists of cases(t, [1, 2, 3, 1000]))
      t.equal(makeTable(lists).size, 0, `n = ${lists} makes an empty table`);
  });

  rule('a walk in steps meets each key once, while the table grows and shrinks', 'table-scan', (t) => {
    const walk = (
      table: KeyValueTable,
      prefix: string,
      keysMax: number,
      between = () => undefined as unknown,
    ) => {
      const keys: string[] = [];
      let from = 0;
      do {
        const page = table.scan({ prefix, from, keysMax });
        t.ok(page.keys.length <= keysMax, `${page.keys.length} keys, at most ${keysMax}`);
        keys.push(...page.keys);
        from = page.next;
        between();
      } while (from !== 0);
      return keys;
    };
    for (const lists of cases(t, [1, 3, 8, 1000])) {
      const table = makeTable(lists);
      t.same(walk(table, '', 10), [], 'an empty table');
      const stay = Array.from({ length: 500 }, (_, index) => `stay:${index}`);
      for (const key of stay) table.put(key, bytes(1));
      t.same(walk(table, '', 1).toSorted(), stay.toSorted(), 'one at a time');
      t.same(walk(table, '', 1_000_000).toSorted(), stay.toSorted(), 'all that fit');
      t.same(
        walk(table, 'stay:10', 3).toSorted(),
        stay.filter((key) => key.startsWith('stay:10')).toSorted(),
      );
      t.same(walk(table, 'none', 3), []);
      let added = 0;
      const met = walk(table, '', 7, () => {
        for (let i = 0; i < 50 && added < 1_500; i += 1, added += 1) table.put(`come:${added}`, bytes(2));
        table.del(`come:${added - 25}`);
      });
      t.equal(new Set(met).size, met.length, 'no key comes twice');
      t.same(met.filter((key) => key.startsWith('stay')).toSorted(), stay.toSorted(), 'none is left out');
    }
  });

  rule('a step of a walk is short, and of one table', 'table-scan', (t) => {
    const [table, other] = [makeTable(1), makeTable(1)];
    for (let i = 0; i < 20_000; i += 1) table.put(`k${i}`, bytes(1));
    const { keys, next } = table.scan({ prefix: '', from: 0, keysMax: 20_000 });
    t.ok(keys.length > 100 && keys.length < 2_000, `${keys.length} keys of 20,000`);
    const none = table.scan({ prefix: 'none', from: 0, keysMax: 20_000 });
    t.same(none.keys, []);
    t.not(none.next, 0, 'without a key, and not at the end');
    other.put('k', bytes(1));
    for (const from of [next, 1, 2 ** 53 - 1]) {
      t.throws(() => other.scan({ prefix: '', from, keysMax: 1 }), { code: 'BAD_REQUEST' }, `from ${from}`);
    }
  });

  rule('get returns the stored value, or undefined', 'table-get', (t) => {
    const table = makeTable(7);
    t.equal(table.get('a'), undefined);
    table.put('a', bytes(1, 2));
    table.put('b', bytes(3));
    t.same(table.get('a'), bytes(1, 2));
    t.same(table.get('b'), bytes(3));
    t.equal(table.get('A'), undefined, 'another key, another entry');
  });

  rule('put replaces the value of a present key', 'table-put-replaces', (t) => {
    const table = makeTable(1);
    table.put('other', bytes(9));
    for (const value of cases(t, [bytes(1), bytes(1, 2, 3), bytes(), bytes(4)])) {
      table.put('a', value);
      t.same(table.get('a'), value);
      t.equal(table.size, 2, 'a replaced value makes no new key');
    }
    t.same(table.get('other'), bytes(9));
  });

  rule('put copies the value in', 'table-put-copies', (t) => {
    const table = makeTable(1);
    const value = bytes(1, 2, 3);
    table.put('a', value);
    value.fill(0);
    t.same(table.get('a'), bytes(1, 2, 3), 'what the caller does to its value afterwards changes nothing');
    const part = Buffer.from('xxabcxx').subarray(2, 5);
    table.put('a', part);
    part.fill(0);
    t.same(table.get('a'), bytes(0x61, 0x62, 0x63), 'nor does it with a part of a Buffer');
  });

  rule('get returns a copy, a plain Uint8Array', 'table-get-copies', (t) => {
    const table = makeTable(1);
    table.put('a', Buffer.from([1, 2, 3]));
    const first = table.get('a');
    t.equal(Object.getPrototypeOf(first), Uint8Array.prototype, 'a Uint8Array even where a Buffer went in');
    first?.fill(0);
    t.same(table.get('a'), bytes(1, 2, 3), 'what the caller does to its copy changes nothing');
    const second = table.get('a');
    table.put('a', bytes(7, 7, 7));
    table.del('a');
    t.same(second, bytes(1, 2, 3), 'later calls change no copy given out before');
  });

  rule('del removes a key and returns whether it was present', 'table-del', (t) => {
    const table = makeTable(2);
    t.equal(table.del('a'), false);
    table.put('a', bytes(1));
    table.put('b', bytes(2));
    t.equal(table.del('a'), true);
    t.equal(table.get('a'), undefined);
    t.equal(table.del('a'), false, 'the second time it is gone');
    t.same(table.get('b'), bytes(2), 'the other keys stay');
    table.put('a', bytes(3));
    t.same(table.get('a'), bytes(3), 'a deleted key can be put again');
  });

  rule('putIfAbsent stores a value only under an absent key', 'table-put-if-absent', (t) => {
    const table = makeTable(1);
    const value = bytes(1);
    t.equal(table.putIfAbsent('a', value), true);
    value.fill(9);
    t.same(table.get('a'), bytes(1), 'a copy');
    t.equal(table.putIfAbsent('a', bytes(2)), false);
    t.same(table.get('a'), bytes(1), 'the old value stays');
    table.put('empty', bytes());
    t.equal(table.putIfAbsent('empty', bytes(2)), false, 'an empty value is a value');
    table.del('a');
    t.equal(table.putIfAbsent('a', bytes(3)), true, 'after a del');
    t.same(table.get('a'), bytes(3));
    t.equal(table.size, 2);
  });

  rule('putIfEquals stores a value only in place of the expected one', 'table-put-if-equals', (t) => {
    const table = makeTable(1);
    t.equal(table.putIfEquals('a', bytes(), bytes(1)), false, 'an absent key has no value, not an empty one');
    t.equal(table.get('a'), undefined);
    table.put('a', bytes(1, 2, 3));
    for (const expected of cases(t, [bytes(), bytes(1, 2), bytes(1, 2, 4), bytes(1, 2, 3, 0)])) {
      t.equal(table.putIfEquals('a', expected, bytes(7)), false);
      t.same(table.get('a'), bytes(1, 2, 3), 'the old value stays');
    }
    const part = Buffer.from([0, 1, 2, 3, 0]).subarray(1, 4);
    t.equal(table.putIfEquals('a', part, bytes()), true, 'the bytes count, not the class');
    t.same(table.get('a'), bytes());
    t.equal(table.putIfEquals('a', bytes(), bytes(5)), true, 'an empty value can be expected');
    t.same(table.get('a'), bytes(5));
    const long = new Uint8Array(100_000).fill(3);
    table.put('long', long);
    t.equal(table.putIfEquals('long', long.with(99_999, 4), bytes()), false, 'all bytes count');
    t.equal(table.putIfEquals('long', long.slice(), bytes(6)), true);
    t.equal(table.size, 2);
  });

  rule('a put on condition refuses keys and values of other types', 'table-put-if-equals', (t) => {
    const table = makeTable(1);
    table.put('a', bytes(1));
    for (const [name, value] of cases(t, noBytes)) {
      t.throws(() => table.putIfAbsent('b', value), wrong, `putIfAbsent: ${name} is no value`);
      t.throws(() => table.putIfEquals('a', bytes(1), value), wrong, `putIfEquals: ${name} is no value`);
      t.throws(() => table.putIfEquals('a', value, bytes(2)), wrong, `${name} cannot be expected`);
    }
    for (const [name, key] of cases(t, noText)) {
      t.throws(() => table.putIfAbsent(key, bytes(2)), wrong, `putIfAbsent: ${name} is no key`);
      t.throws(() => table.putIfEquals(key, bytes(1), bytes(2)), wrong, `putIfEquals: ${name} is no key`);
    }
    t.same(table.keys(), ['a'], 'nothing is stored');
    t.same(table.get('a'), bytes(1), 'nor replaced');
  });

  rule('puts on condition and has give the same answers as a Map', 'table-put-if-equals', (t) => {
    let largest = 0;
    t.doesNotThrow(() => {
      largest = checkAgainstMap(makeTable, { bonus: true });
    });
    t.ok(largest >= 10, `a table of ${largest} keys was met, twice what any began with lists`);
  });

  rule('has says whether a key is present', 'table-has', (t) => {
    const table = makeTable(2);
    t.equal(table.has('a'), false);
    table.put('a', bytes());
    t.equal(table.has('a'), true, 'also with an empty value');
    t.equal(table.has('b'), false);
    table.del('a');
    t.equal(table.has('a'), false);
    t.equal(table.has('a\0b'), false, 'what no table accepts is absent');
    for (const [name, key] of cases(t, noText)) t.throws(() => table.has(key), wrong, `${name} is no key`);
  });

  rule('size is the number of keys', 'table-size', (t) => {
    const table = makeTable(3);
    const sizes = [table.size];
    table.put('a', bytes());
    sizes.push(table.size);
    table.put('a', bytes(1));
    sizes.push(table.size);
    table.put('b', bytes(1));
    sizes.push(table.size);
    table.del('absent');
    sizes.push(table.size);
    table.del('a');
    sizes.push(table.size);
    t.same(sizes, [0, 1, 1, 2, 2, 1]);
  });

  rule('keysBytes is the size of all keys in UTF-8, and two bytes for each', 'table-keys-bytes', (t) => {
    const table = makeTable(3);
    t.equal(table.keysBytes, 0);
    for (const key of ['', 'bc', '日本', 'bc']) table.put(key, bytes(1, 2, 3));
    t.equal(table.keysBytes, 2 + 4 + 8);
    table.del('absent');
    table.del('日本');
    t.equal(table.keysBytes, 2 + 4);
  });

  rule('keys returns each key once', 'table-keys', (t) => {
    const table = makeTable(3);
    t.same(table.keys(), []);
    for (const key of ['a', 'b', 'c', 'b']) table.put(key, bytes(1));
    table.del('c');
    t.same(table.keys().sort(), ['a', 'b']);
    table.keys().length = 0;
    t.equal(table.keys().length, 2, 'what the caller does to the array changes nothing');
  });

  rule('a value is any bytes: all 256 byte values, empty, 1 MiB', 'table-values', (t) => {
    const table = makeTable(5);
    const all = Uint8Array.from({ length: 256 }, (_, index) => index);
    const large = Uint8Array.from({ length: 2 ** 20 }, (_, index) => (index * 31) >>> 3);
    table.put('all', all);
    table.put('none', bytes());
    table.put('large', large);
    t.ok(sameBytes(table.get('all'), all), 'all 256 byte values');
    t.same(table.get('none'), bytes(), 'an empty value is a value, not an absent key');
    t.ok(sameBytes(table.get('large'), large), '1 MiB');
    t.equal(table.size, 3);
  });

  rule('a key is any text without NUL, also the empty one', 'table-key', (t) => {
    const table = makeTable(1);
    // The last two look alike; as keys they differ, since they are different code points.
    const keys = ['', ' ', 'a b c', '__proto__', 'constructor', '\uFEFFbom', '日本', '🛒', 'é', 'e\u0301'];
    for (const [index, key] of keys.entries()) table.put(key, bytes(index));
    t.same(
      keys.map((key) => table.get(key)?.[0]),
      [...keys.keys()],
    );
    t.same(table.keys().sort(), [...keys].sort());
    const long = 'k'.repeat(100_000);
    table.put(long, bytes(1));
    t.same(table.get(long), bytes(1), 'a long key');
    t.equal(table.get(`${long}k`), undefined);
  });

  rule('a key with NUL or a lone surrogate is refused', 'table-bad-key', (t) => {
    const table = makeTable(1);
    for (const key of cases(t, ['\0', 'a\0', '\0a', '\uD800', 'a\uDC00b', '\uDC00\uD800'])) {
      t.throws(
        () => table.put(key, bytes(1)),
        { constructor: TableError, code: 'BAD_REQUEST', mayHaveHappened: false },
        `${JSON.stringify(key)} is refused`,
      );
    }
    t.equal(table.size, 0, 'and nothing is stored');
    t.equal(table.get('a\0'), undefined);
    t.equal(table.del('a\0'), false);
  });

  rule('keys and values of other types are refused', 'table-arguments', (t) => {
    const table = makeTable(1);
    table.put('a', bytes(1));
    for (const [name, value] of cases(t, noBytes)) {
      t.throws(() => table.put('a', value), wrong, `${name} is no value`);
    }
    for (const [name, key] of cases(t, noText)) {
      t.throws(() => table.put(key, bytes(2)), wrong, `put: ${name} is no key`);
      t.throws(() => table.get(key), wrong, `get: ${name} is no key`);
      t.throws(() => table.del(key), wrong, `del: ${name} is no key`);
    }
    t.same(table.keys(), ['a'], 'nothing is stored');
    t.same(table.get('a'), bytes(1), 'nor replaced');
  });

  rule('n is the initial number of lists, not a limit', 'table-growth', (t) => {
    const table = makeTable(3);
    const count = 20_000;
    const key = (index: number) => `cart:${index}`;
    for (let index = 0; index < count; index += 1) table.put(key(index), bytes(index, index >>> 8));
    const isWrong = (index: number) => !sameBytes(table.get(key(index)), bytes(index, index >>> 8));
    const indexes = Array.from({ length: count }, (_, index) => index);
    t.same(indexes.filter(isWrong), [], 'every entry is found again');
    t.equal(new Set(table.keys()).size, count);
    const undeleted = indexes.filter((index) => index % 3 !== 0 && !table.del(key(index)));
    t.same(undeleted, [], 'every entry can be deleted');
    t.same(
      indexes.filter((index) => isWrong(index) !== (index % 3 !== 0)),
      [],
      'the others stay',
    );
    t.equal(table.size, Math.ceil(count / 3));
  });

  rule('a table gives the same answers as a Map', 'table-map', (t) => {
    let largest = 0;
    t.doesNotThrow(() => {
      largest = checkAgainstMap(makeTable);
    });
    t.ok(largest >= 10, `a table of ${largest} keys was met, twice what any began with lists`);
  });
}
