import { TableError } from '@tablelab/shared';
import { bounded } from '@tablelab/shared/testing';
import t from 'tap';

const limitMs = 100;

t.test('returns or throws what the work does', async (t) => {
  t.equal(
    bounded('adding', () => 1 + bounded('adding within', () => 2)),
    3,
  );
  const boo = new Error('boo');
  t.throws(
    () =>
      bounded('failing', () => {
        throw boo;
      }),
    boo,
  );
});

t.test('interrupts an endless loop and a blocked thread, and names the rule', async (t) => {
  const word = new Int32Array(new SharedArrayBuffer(4));
  for (const work of [
    () => {
      for (;;);
    },
    () => Atomics.wait(word, 0, 0),
  ]) {
    t.throws(
      () => bounded('removing an absent key', work, limitMs),
      new TableError('TIMEOUT', 'removing an absent key is not done after 100 ms'),
    );
  }
});
