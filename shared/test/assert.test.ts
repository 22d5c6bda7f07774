import { AssertionFailure, assert, must, unreachable } from '@tablelab/shared';
import t from 'tap';

t.test('assert passes what holds and throws its message otherwise', async (t) => {
  t.doesNotThrow(() => assert(true, 'holds'));
  t.throws(() => assert(false, 'the list is sorted'), new AssertionFailure('the list is sorted'));
});

t.test('must returns every value that is there, falsy ones too', async (t) => {
  for (const value of [0, '', false]) t.equal(must(value, 'is there'), value);
  for (const value of [undefined, null])
    t.throws(() => must(value, 'is there'), new AssertionFailure('is there'));
});

t.test('unreachable names the value that was not expected', async (t) => {
  t.throws(() => unreachable({ kind: 'new' } as never), { message: 'unreachable: {"kind":"new"}' });
});
