import { testSeed } from '@tablelab/part1/testing';
import { type Random, seededRandom } from '@tablelab/shared';
import { cases } from '@tablelab/shared/testing';
import fc from 'fast-check';
import t from 'tap';
import { Configurations, SetHash } from '../linearizability/configurations.ts';
import {
  assertLinearizable,
  check,
  describeOperation,
  HistoryRecorder,
  historyFromLines,
  historyToLines,
  type Operation,
} from '../linearizability/index.ts';
import { State } from '../linearizability/state.ts';
import { Steps } from '../linearizability/step.ts';
import { at, bad, del, get, good, open, put } from './support/example-histories.ts';

t.test('histories known to be linearizable', async (t) => {
  for (const [name, history] of cases(t, Object.entries(good))) {
    t.equal(check(history).verdict, 'linearizable', name);
    t.doesNotThrow(() => assertLinearizable(history));
  }
});

t.test('histories known not to be linearizable', async (t) => {
  for (const [name, history] of cases(t, Object.entries(bad))) {
    t.equal(check(history).verdict, 'not-linearizable', name);
    t.throws(() => assertLinearizable(history), { message: /^not-linearizable: / }, name);
  }
});

t.test('a failure shows the longest order and what cannot follow it', async (t) => {
  const result = check(bad['a stale read'] ?? []);
  t.match(result, { key: 'a', prefix: [put(1)], stuck: [put(2), get(1)] });
  t.equal(
    'description' in result && result.description,
    [
      'not-linearizable: key "a"',
      'the longest order found has 1 operations and ends:',
      '  client 1 [0, 1] put "a" = "1"',
      'the first of these has to come next, and no order places them all:',
      '  client 1 [2, 3] put "a" = "2"',
      '  client 1 [4, 5] get "a" -> "1"',
    ].join('\n'),
  );
});

t.test('every kind of operation is described', async (t) => {
  const lines = [...(good['sizes and keys'] ?? []), { ...open(0), ...put(1) }, { ...at(0, 1), ...get() }];
  t.same([...lines, { ...at(0, 1), ...del() } as const].map(describeOperation), [
    'client 1 [0, 1] put "a" = "1"',
    'client 1 [2, 3] size -> 1',
    'client 1 [4, 9] del "a" -> true',
    'client 1 [5, 6] keys -> ["a"]',
    'client 1 [7, 8] size -> 0',
    'client 1 [0, ...) put "a" = "1" (may have happened)',
    'client 1 [0, 1] get "a" -> absent',
    'client 1 [0, 1] del "a" -> unknown',
  ]);
});

t.test('too few steps give "unknown", which is not a pass', async (t) => {
  for (const name of ['a read of what was written', 'sizes and keys']) {
    const history = good[name] ?? [];
    t.match(check(history, { stepsMax: 1 }), {
      verdict: 'unknown',
      description: /^unknown after \d+ steps: /,
    });
    t.throws(() => assertLinearizable(history, { stepsMax: 1 }), { message: /^unknown / });
  }
});

t.test('an operation that returns before its call is a bug of the test', async (t) => {
  t.throws(() => check([{ ...at(2, 1), ...get() }]), { name: 'AssertionFailure' });
});

t.test('an unknown effect is a bug', async (t) => {
  t.throws(() => new State(new Steps([])).observes({ type: 'new' } as never), { name: 'AssertionFailure' });
});

/** The state after `operation`, or undefined if its answer does not match. */
function apply(state: ReadonlyMap<string, string>, operation: Operation): Map<string, string> | undefined {
  const next = new Map(state);
  const { kind } = operation;
  if (kind === 'put') return next.set(operation.key, String(operation.value));
  if (kind === 'del') {
    const was = next.delete(operation.key);
    const fits = operation.outcome !== 'ok' || operation.result === undefined || operation.result === was;
    return fits ? next : undefined;
  }
  if (operation.kind === 'put-if-absent' || operation.kind === 'put-if-equals') {
    const present = next.get(operation.key);
    const isMet =
      operation.kind === 'put-if-absent' ? present === undefined : present === String(operation.expected);
    if (operation.outcome === 'ok' && operation.result !== isMet) return undefined;
    return isMet ? next.set(operation.key, String(operation.value)) : next;
  }
  if (operation.outcome !== 'ok') return next;
  if (operation.kind === 'has') return next.has(operation.key) === operation.result ? next : undefined;
  if (operation.kind === 'get') {
    const result = operation.result === undefined ? undefined : String(operation.result);
    return next.get(operation.key) === result ? next : undefined;
  }
  if (operation.kind === 'size') return next.size === operation.result ? next : undefined;
  return `${[...next.keys()].sort()}` === `${[...(operation.result as string[])].sort()}` ? next : undefined;
}

/** Tries every order: exactly the definition. */
function bruteForce(rest: readonly Operation[], state: ReadonlyMap<string, string> = new Map()): boolean {
  if (rest.every(({ outcome }) => outcome !== 'ok')) return true;
  return rest.some((operation) => {
    if (operation.outcome === 'did-not-happen') return false;
    if (rest.some((other) => other.outcome === 'ok' && other.return < operation.call)) return false;
    const next = apply(state, operation);
    const others = rest.filter((other) => other !== operation);
    return next !== undefined && bruteForce(others, next);
  });
}

/** Operations with answers that are mostly plausible; `keyNames` of length 1 and few values make trouble likely. */
function randomHistory(
  random: Random,
  options: { readonly wide: boolean; readonly conditions: boolean },
): Operation[] {
  const keyNames = ['a', 'b'];
  return Array.from({ length: 2 + random.int(6) }, (_, client): Operation => {
    const call = random.int(12);
    const key = options.wide ? random.pick(keyNames) : 'a';
    const value = random.int(3);
    const outcome = random.int(5);
    const written = random.pick([
      { kind: 'del', key },
      { kind: 'put', key, value },
      { kind: 'put', key, value },
      { kind: 'put-if-absent', key, value },
      { kind: 'put-if-equals', key, expected: random.int(3), value },
    ] as const);
    if (outcome === 0) return { client, call, outcome: 'may-have-happened', ...written };
    if (outcome === 1 && random.int(4) === 0) return { client, call, outcome: 'did-not-happen', ...written };
    const ok = { client, call, return: call + random.int(8), outcome: 'ok' } as const;
    const kind = random.int(options.wide ? 10 : 7);
    const result = random.int(2) === 0;
    if (options.conditions && kind < 7 && random.int(2) === 0) {
      if (kind < 2) return { ...ok, kind: 'put-if-absent', key, value, result };
      if (kind < 5) return { ...ok, kind: 'put-if-equals', key, expected: random.int(3), value, result };
      return { ...ok, kind: 'has', key, result };
    }
    if (kind < 3) return { ...ok, kind: 'put', key, value };
    if (kind < 5)
      return { ...ok, kind: 'get', key, result: random.pick([{}, { value: 0 }, { value: 1 }]).value };
    if (kind < 7)
      return { ...ok, kind: 'del', key, result: random.pick([{}, { is: true }, { is: false }]).is };
    if (kind < 8) return { ...ok, kind: 'size', result: random.int(3) };
    return { ...ok, kind: 'keys', result: keyNames.filter(() => random.int(2) === 0) };
  });
}

/** Whether `order` is a proof: it answers as recorded, and nothing stands before what returned before its call. */
function isProof(order: readonly Operation[]): boolean {
  let state: Map<string, string> | undefined = new Map();
  let latestCall = Number.NEGATIVE_INFINITY;
  for (const operation of order) {
    state = state && apply(state, operation);
    if (operation.outcome === 'ok' && operation.return < latestCall) return false;
    latestCall = Math.max(latestCall, operation.call);
  }
  return state !== undefined;
}

for (const [wide, conditions] of [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const) {
  const what = `${wide ? 'also with size and keys' : 'on one key'}${conditions ? ', with conditions' : ''}`;
  t.test(`agrees with trying every order, ${what}`, async (t) => {
    const random = seededRandom((wide ? 2 : 1) + (conditions ? 2 : 0));
    const verdicts = { linearizable: 0, 'not-linearizable': 0, unknown: 0 };
    for (const _ of cases(t, Array(6000).keys())) {
      const history = randomHistory(random, { wide, conditions });
      const result = check(history);
      verdicts[result.verdict] += 1;
      const expected = bruteForce(history) ? 'linearizable' : 'not-linearizable';
      if (result.verdict !== expected) t.equal(result.verdict, expected, historyToLines(history));
      if (result.verdict === 'linearizable' && result.orders.every(({ key }) => key === undefined || !wide))
        for (const { order } of result.orders)
          if (!isProof(order)) t.fail(`no proof: ${historyToLines(order)} of ${historyToLines(history)}`);
    }
    t.equal(verdicts.unknown, 0);
    t.ok(verdicts.linearizable > 1000 && verdicts['not-linearizable'] > 1000, JSON.stringify(verdicts));
  });
}

/** The history of a table that executes each operation at one moment within its interval. */
function execution(
  random: Random,
  options: { count: number; clients: number; keyCount: number; wide?: boolean },
): Operation[] {
  const free = new Array<number>(options.clients).fill(0);
  const plans = Array.from({ length: options.count }, (_, value) => {
    const client = random.int(options.clients);
    const call = (free[client] ?? 0) + 1 + random.int(50);
    const end = call + 2 + random.int(50);
    free[client] = end;
    const moment = call + 1 + random.int(end - call - 1);
    return { client, call, end, moment, value, key: `k${random.int(options.keyCount)}` };
  });
  plans.sort((one, other) => one.moment - other.moment);
  const table = new Map<string, number>();
  return plans.map(({ client, call, end, value, key }): Operation => {
    const ok = { client, call, return: end, outcome: 'ok' } as const;
    const kind = random.int(options.wide ? 12 : 10);
    const isLost = random.int(50) === 0;
    if (kind < 2) {
      const present = table.get(key);
      const isAbsent = random.int(2) === 0;
      // In half of the cases the condition is met, if the key is there.
      const expected = random.int(2) === 0 && present !== undefined ? present : -1;
      const isMet = isAbsent ? present === undefined : present === expected;
      if (isMet) table.set(key, value);
      const written = isAbsent
        ? ({ kind: 'put-if-absent', key, value } as const)
        : ({ kind: 'put-if-equals', key, expected, value } as const);
      if (isLost) return { client, call, outcome: 'may-have-happened', ...written };
      return { ...ok, ...written, result: isMet };
    }
    if (kind === 5) return { ...ok, kind: 'has', key, result: table.has(key) };
    if (kind < 4) {
      table.set(key, value);
      const written = { kind: 'put', key, value } as const;
      return isLost ? { client, call, outcome: 'may-have-happened', ...written } : { ...ok, ...written };
    }
    if (kind < 9) return { ...ok, kind: 'get', key, result: table.get(key) };
    if (kind < 10) return { ...ok, kind: 'del', key, result: table.delete(key) };
    if (kind < 11) return { ...ok, kind: 'size', result: table.size };
    return { ...ok, kind: 'keys', result: [...table.keys()] };
  });
}

t.test('the history of a table is linearizable, with any overlaps', async () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 8 }), fc.boolean(), (seed, clients, wide) => {
      assertLinearizable(execution(seededRandom(seed), { count: 60, clients, keyCount: 3, wide }));
    }),
    { seed: testSeed, numRuns: 200 },
  );
});

t.test('long histories are checked within the limit: many keys, and one key with many clients', async (t) => {
  const many = execution(seededRandom(3), { count: 20_000, clients: 50, keyCount: 100 });
  assertLinearizable(many);
  assertLinearizable(execution(seededRandom(4), { count: 5000, clients: 30, keyCount: 1 }));
  const index = many.findLastIndex(({ kind }) => kind === 'get');
  const wrong = { ...many[index], result: -1 } as Operation;
  t.equal(check(many.with(index, wrong)).verdict, 'not-linearizable');
});

t.test('a wrong outcome of a write is found in a long history', async (t) => {
  const history = execution(seededRandom(5), { count: 3_000, clients: 6, keyCount: 5 });
  assertLinearizable(history);
  let found = 0;
  let tried = 0;
  for (const [index, operation] of history.entries()) {
    if (!('result' in operation) || typeof operation.result !== 'boolean' || index % 20 > 0) continue;
    tried += 1;
    const planted = history.with(index, { ...operation, result: !operation.result } as Operation);
    const { verdict } = check(planted);
    t.not(verdict, 'unknown');
    if (verdict === 'not-linearizable') found += 1;
  }
  // Some outcomes may be otherwise: a put beside other writes to the same key, whose value nobody reads.
  t.ok(tried > 20 && found > 0.7 * tried, `${found} of ${tried} planted outcomes`);
});

/** A size that is impossible beside `count` puts that overlap, each of a key of its own, after 1,000 that are settled. */
function impossibleSize(count: number): Operation[] {
  const settled = Array.from({ length: 1_000 }, (_, index): Operation => {
    return { ...at(2 * index, 2 * index + 1), kind: 'put', key: `settled ${index}`, value: index };
  });
  const overlapping = Array.from({ length: count }, (_, index): Operation => {
    return { ...at(3_000, 3_010), kind: 'put', key: `new ${index}`, value: index };
  });
  return [...settled, ...overlapping, { ...at(3_001, 3_009), kind: 'size', result: 5_000 }];
}

t.test('a size that no order explains: judged, or unknown, within limits of time and memory', async (t) => {
  const heapBytes = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  t.equal(check(impossibleSize(8)).verdict, 'not-linearizable', 'few orders are all tried');
  for (const count of cases(t, [18, 1_000])) {
    const before = heapBytes();
    const begun = performance.now();
    const result = check(impossibleSize(count));
    const [ms, grown] = [performance.now() - begun, heapBytes() - before];
    t.match(result, { verdict: 'unknown', description: /^unknown after \d+ steps: all keys together/ });
    t.ok(ms < 20_000, `${count} puts: ${Math.round(ms)} ms`);
    t.ok(grown < 200 * 2 ** 20, `${count} puts: ${Math.round(grown / 2 ** 20)} MiB`);
  }
});

t.test('a hash of a set depends on its members alone, and configurations are told apart', async (t) => {
  const random = seededRandom(6);
  const [taken, state] = [new SetHash(100, 1), new SetHash(100, 2)];
  const known = new Set<string>();
  const configurations = new Configurations();
  const members: [number[], number[]] = [[], []];
  for (let round = 0; round < 20_000; round += 1) {
    const [hash, list] =
      random.int(2) === 0 ? ([taken, members[0]] as const) : ([state, members[1]] as const);
    const member = random.int(12);
    hash.toggle(member);
    const index = list.indexOf(member);
    if (index < 0) list.push(member);
    else list.splice(index, 1);
    // Few members, so that many sets come again.
    while (list.length > 2) hash.toggle(list.shift() as number);
    const name = members.map((one) => [...one].sort((a, b) => a - b).join()).join('|');
    if (configurations.isKnown(taken, state) !== known.has(name)) return t.fail(`round ${round}: ${name}`);
    known.add(name);
  }
  t.ok(known.size > 4_000 && known.size < 8_000, `${known.size} different ones of 20000`);
});

t.test('a recorder records operations, with the given clock', async (t) => {
  let now = 0;
  const recorder = new HistoryRecorder({ now: () => now++ });
  const first = recorder.invoke('x', put(1));
  const second = recorder.invoke('y', { kind: 'get', key: 'a' });
  const third = recorder.invoke('x', put(2));
  const fourth = recorder.invoke('x', { kind: 'del', key: 'a' });
  recorder.invoke('z', { kind: 'size' });
  recorder.mayHaveHappened(first);
  recorder.ok(second, 1);
  recorder.ok(first);
  recorder.didNotHappen(third);
  recorder.mayHaveHappened(fourth);
  const { operations } = recorder;
  t.match(operations, [
    { client: 'x', call: 0, return: 6, outcome: 'ok', kind: 'put', key: 'a', value: 1 },
    { client: 'y', call: 1, return: 5, outcome: 'ok', kind: 'get', key: 'a', result: 1 },
    { outcome: 'did-not-happen', value: 2 },
    { outcome: 'may-have-happened', kind: 'del' },
    { client: 'z', outcome: 'may-have-happened', kind: 'size' },
  ]);
  for (const ended of [first, third, 99])
    t.throws(() => recorder.mayHaveHappened(ended), { name: 'AssertionFailure' });
  t.equal(check(operations).verdict, 'linearizable');
  t.same(historyFromLines(historyToLines(operations)), JSON.parse(JSON.stringify(operations)));
});

t.test('a recorder accepts no more operations than its limit', async (t) => {
  const recorder = new HistoryRecorder({ now: () => 0, operationsMax: 1 });
  recorder.invoke(1, put(1));
  t.throws(() => recorder.invoke(1, put(1)), { name: 'TableError', code: 'TOO_LARGE' });
});

t.test('a history is read back from its lines, and an invalid line is refused with its number', async (t) => {
  for (const history of cases(t, [...Object.values(good), ...Object.values(bad)]))
    t.same(historyFromLines(historyToLines(history)), JSON.parse(JSON.stringify(history)));
  const refused = [
    '{',
    'null',
    '3',
    '{}',
    '{"client":1,"call":0,"outcome":"ok","kind":"get","key":"a"}',
    '{"client":1,"call":5,"return":4,"outcome":"ok","kind":"get","key":"a"}',
    '{"client":1,"call":0,"return":4,"outcome":"ok","kind":"get","key":"a","result":true}',
    '{"client":1,"call":0,"return":4,"outcome":"ok","kind":"keys","result":[1]}',
    '{"client":1,"call":0,"outcome":"perhaps","kind":"size"}',
    '{"client":1,"call":0,"outcome":"may-have-happened","kind":"put","key":"a"}',
    '{"client":1,"call":0,"outcome":"may-have-happened","kind":"pop","key":"a"}',
    '{"client":1,"call":0,"outcome":"may-have-happened","kind":"get"}',
  ];
  const line = historyToLines([{ ...open(0), kind: 'size' }]);
  for (const text of cases(t, refused))
    t.throws(() => historyFromLines(`${line}${text}`), { code: 'BAD_REQUEST', message: /^line 2 / }, text);
});
