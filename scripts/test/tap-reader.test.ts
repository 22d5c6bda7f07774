import t from 'tap';
import { TapReader } from '../tap-reader.ts';

t.test('the reader of TAP counts every kind of failure once', async (t) => {
  const printed: string[] = [];
  const reader = new TapReader((line) => printed.push(line));
  const tap = `TAP version 14
1..5
# Subtest: good.test.ts
    # Subtest: adds
        ok 1 - should be equal
        1..1
    ok 1 - adds # time=5ms
    
said by a test
    1..1
ok 1 - good.test.ts # time=20.5ms

# Subtest: bad.test.ts
    # Subtest: adds (README.md\\#adds)
        not ok 1 - one is two
          ---
          diff: |
            not ok 7 - is text within the details
          source: t.equal(1, 2)
          list: [${Array.from({ length: 100 }, (_, i) => i)}]
          ...
        1..1
    not ok 1 - adds (README.md\\#adds) # time=5ms
      ---
      at: somewhere
      ...
    
    ok 2 - later # TODO
    not ok 3 - also later # TODO
    1..3
not ok 2 - bad.test.ts # time=1210ms
  ---
  exitCode: 1
  ...

# Subtest: crash.test.ts
    ok 1 - should be equal (README.md\\#equal)
    # test count(1) != plan(null)
not ok 3 - crash.test.ts # time=22ms
  ---
  signal: SIGKILL
  ...

# Subtest: empty.test.ts
    1..0 # no tests found
ok 4 - empty.test.ts # SKIP no tests found

# Subtest: elsewhere.test.ts
    ok 1 - with a tool (README.md\\#tool) # SKIP there is no such tool
    # Subtest: ends early (README.md\\#early)
        1..0
    not ok 2 - ends early (README.md\\#early)
    1..2
not ok 5 - elsewhere.test.ts # time=3ms

All files | 100 |
# { total: 7, pass: 2, fail: 2, todo: 2, skip: 1 }
# time=99ms`;
  reader.write(tap);
  t.ok(reader.end(), 'the output is complete');
  t.equal(reader.failures, 3, 'the assertion, the file that crashed without one, and the test without one');
  t.equal(reader.passes, 2);
  t.strictSame(reader.skipped, ['elsewhere.test.ts > with a tool (README.md#tool): there is no such tool']);
  t.strictSame(printed, [
    'said by a test',
    'ok      good.test.ts  0.0 s',
    'FAILED  bad.test.ts > adds (README.md#adds) > one is two',
    '    diff: |',
    '      not ok 7 - is text within the details',
    '    list:',
    ...Array.from({ length: 37 }, (_, i) => `      - ${i}`),
    '    ... 63 more lines',
    'failed  bad.test.ts  1.2 s',
    'FAILED  crash.test.ts: killed, because something that it started was still running long after its last test',
    '    the last assertion that passed: should be equal (README.md#equal)',
    '    signal: SIGKILL',
    'failed  crash.test.ts  0.0 s',
    'ok      empty.test.ts # SKIP no tests found',
    'FAILED  elsewhere.test.ts > ends early (README.md#early)',
    'failed  elsewhere.test.ts  0.0 s',
    'All files | 100 |',
  ]);
});
