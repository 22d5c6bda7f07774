import t from 'tap';
import { ValueSlabs } from '../src/adapters/value-slabs.ts';

/** Sizes on both sides of the limits: nothing, the longest value that shares a slab, one that does not. */
const sizes = [0, 1, 4_096, 4_097, 100_000];

t.test('a copied value shares no memory with the original, whatever its size and kind', async (t) => {
  for (const size of sizes) {
    for (const original of [new Uint8Array(size).fill(1), Buffer.alloc(size, 1)]) {
      const copy = new ValueSlabs().copy(original);
      original.fill(2);
      t.ok(copy.length === size && copy.every((byte) => byte === 1), `${original.constructor.name}(${size})`);
    }
  }
});

t.test('no copy is changed by the ones that follow, across many slabs', async (t) => {
  const slabs = new ValueSlabs();
  const sizesInTurn = [3, 4_096, 1_000, 5_000, 0];
  const copies = Array.from({ length: 500 }, (_, n) => {
    const size = sizesInTurn[n % sizesInTurn.length] ?? 0;
    return slabs.copy(new Uint8Array(size).fill(n % 251));
  });
  const changed = copies.flatMap((copy, n) => (copy.every((byte) => byte === n % 251) ? [] : [n]));
  t.same(changed, []);
});

t.test('the copy of a long value keeps no other memory alive', async (t) => {
  const copy = new ValueSlabs().copy(Buffer.alloc(65_536).subarray(10, 5_010));
  t.equal(copy.buffer.byteLength, 5_000);
});
