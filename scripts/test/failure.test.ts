import t from 'tap';
import { failureOf } from '../student/failure.ts';

const said = (message: string, extra: object) => {
  const { expected, got } = failureOf(message, extra, '');
  return [expected, got];
};

t.test('what was expected and what came, of each kind of assertion', async (t) => {
  t.same(said('it is so', { stack: 'Test.<anonymous> (a.test.ts:1:2)\n' }), ['it is so', 'it does not hold']);
  t.same(said('no', { tapCaught: 'returnedPromiseRejection' }), ['no error', 'an error: no']);
  t.same(said('no', { type: 'RangeError', stack: '' }), ['no error', 'RangeError: no']);
  t.same(said('no', { cause: { message: 'no' } }), ['no error', 'an error: no'], 'doesNotThrow');
  t.same(said('sum', { diff: '--- expected\n+++ actual\n@@ -1,1 +1,1 @@\n-2\n+1\n' }), ['2', '1']);
  t.same(said('sum', { found: 1, wanted: 2 }), ['2', '1']);
});

t.test('of long values only where they differ', async (t) => {
  const same = Array.from({ length: 100 }, (_, index) => ` "item ${index}",`);
  const diff = ['--- expected', '+++ actual', '@@ -1,9 +1,9 @@', ...same, '-  "a": 2,', '+  "a": 1,'].join(
    '\n',
  );
  t.same(said('list', { diff }), ['"a": 2,', '"a": 1,']);
  const longer = ['--- expected', '+++ actual', '@@ -1,9 +1,9 @@', ...same, '+  "b": 1,'].join('\n');
  t.same(said('list', { diff: longer }), ['nothing more', '"b": 1,']);
});

t.test('an error without a message: what the program printed that failed', async (t) => {
  const stderr =
    'file.ts:3\n    throw new TypeError("x");\n\nTypeError: x\n    at file.ts:3:9\n\nNode.js v24';
  t.same(said('unhandled error', { tapCaught: 'throw', code: 1, stderr }), [
    'no error',
    'an error: TypeError: x',
  ]);
  t.same(said('unhandled error', { tapCaught: 'throw' }), ['no error', 'an error: unhandled error']);
});

t.test('a property that fails says why, and for which input', async (t) => {
  const message = 'Property failed after 1 tests { seed: 1 } Counterexample: [[0]]';
  t.same(said(message, { tapCaught: 'throw', cause: { message: 'too long' } }), [
    'no error',
    `an error: too long (${message})`,
  ]);
  const late = 'a list is not done after 5000 ms of processor time';
  const cause = { message: 'Script execution was interrupted' };
  t.same(said(late, { type: 'TableError', cause }), ['no error', `TableError: ${late}`]);
});

t.test('a character that takes no room is shown by its number', async (t) => {
  const { expected, got } = failureOf('the key', { found: '\ufeffk', wanted: 'k' }, '');
  t.match({ expected, got }, { expected: "'k'", got: "'\\ufeffk'" });
});
