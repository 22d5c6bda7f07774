import fc from 'fast-check';
import type { KeyValueTable } from '../src/key-value-table.ts';
import { sameBytes } from './bytes.ts';
import { casesPerSeed, testSeed } from './seed.ts';

type Model = Map<string, Uint8Array>;
type Command = fc.Command<Model, KeyValueTable>;

/** The largest number of commands in a run: enough to grow a table of one list and to empty it again. */
const commandsMax = 200;

/** Any code point but NUL and the surrogates. (fast-check's own unit `binary` takes a second to make.) */
const codePoint = fc
  .integer({ min: 1, max: 0x10ffff })
  .filter((point) => point < 0xd800 || point > 0xdfff)
  .map((point) => String.fromCodePoint(point));

/** A few keys, so that most calls concern a present key; sometimes any other key. */
const key = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 20 }).map((number) => `cart:${number}`) },
  { weight: 1, arbitrary: fc.string({ unit: codePoint }) },
);
const value = fc.uint8Array({ maxLength: 300, size: 'max' });

/** One kind of command: `run` calls both, and throws if the results differ. */
function command(text: string, run: (model: Model, table: KeyValueTable) => void): Command {
  return { check: () => true, run, toString: () => text };
}

function mustEqual(call: string, found: unknown, wanted: unknown): void {
  if (found !== wanted) throw new Error(`${call} answered ${found}; a Map answers ${wanted}`);
}

const puts = fc.tuple(key, value).map(([key, value]) =>
  command(`put(${JSON.stringify(key)}, ${value.length} bytes)`, (model, table) => {
    table.put(key, value);
    model.set(key, value);
  }),
);
const gets = key.map((key) =>
  command(`get(${JSON.stringify(key)})`, (model, table) => {
    const wanted = model.get(key);
    const found = table.get(key);
    const same = wanted === undefined ? found === undefined : sameBytes(found, wanted);
    mustEqual(`get(${JSON.stringify(key)}) equal to the model's`, same, true);
  }),
);
const dels = key.map((key) =>
  command(`del(${JSON.stringify(key)})`, (model, table) => {
    mustEqual(`del(${JSON.stringify(key)})`, table.del(key), model.delete(key));
  }),
);
const putsIfAbsent = fc.tuple(key, value).map(([key, value]) => {
  const call = `putIfAbsent(${JSON.stringify(key)}, ${value.length} bytes)`;
  return command(call, (model, table) => {
    const wanted = !model.has(key);
    mustEqual(call, table.putIfAbsent(key, value), wanted);
    if (wanted) model.set(key, value);
  });
});
/** In half of the calls the expected value is the present one, if there is one. */
const putsIfEquals = fc.tuple(key, value, value, fc.boolean()).map(([key, other, value, isRight]) => {
  const call = `putIfEquals(${JSON.stringify(key)}, ${isRight ? 'the value' : `${other.length} bytes`}, ${value.length} bytes)`;
  return command(call, (model, table) => {
    const present = model.get(key);
    const expected = isRight ? (present ?? other) : other;
    const wanted = present !== undefined && sameBytes(present, expected);
    mustEqual(call, table.putIfEquals(key, expected, value), wanted);
    if (wanted) model.set(key, value);
  });
});
const looks = key.map((key) =>
  command(`has(${JSON.stringify(key)})`, (model, table) => {
    mustEqual(`has(${JSON.stringify(key)})`, table.has(key), model.has(key));
  }),
);
const sizes = fc.constant(command('size', (model, table) => mustEqual('size', table.size, model.size)));
const keys = fc.constant(
  command('keys()', (model, table) =>
    mustEqual(
      'keys(), sorted,',
      JSON.stringify(table.keys().sort()),
      JSON.stringify([...model.keys()].sort()),
    ),
  ),
);

/**
 * Checks that a table that begins with 1 to 5 lists answers every sequence of calls as a `Map` does. Throws an error with the
 * shortest sequence found for which it does not. Returns the size of the largest table that was met.
 *
 * @param options.bonus whether the calls that the hand-out marks as bonus are among them
 */
export function checkAgainstMap(
  makeTable: (lists: number) => KeyValueTable,
  { bonus = false }: { bonus?: boolean } = {},
): number {
  let largest = 0;
  const calls = [puts, gets, dels, sizes, keys, ...(bonus ? [putsIfAbsent, putsIfEquals, looks] : [])];
  const commands = fc.commands(calls, {
    maxCommands: commandsMax,
    size: 'max',
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), commands, (lists, commands) => {
      const model: Model = new Map();
      fc.modelRun(() => ({ model, real: makeTable(lists) }), commands);
      largest = Math.max(largest, model.size);
    }),
    { seed: testSeed, numRuns: casesPerSeed(200) },
  );
  return largest;
}
