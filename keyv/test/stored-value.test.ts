import t from 'tap';
import { decodeValue, emptiedValue, encodeValue } from '../src/stored-value.ts';

t.test('texts and bytes come back as they were, with their time', async (t) => {
  const never = Number.POSITIVE_INFINITY;
  for (const [value, expiresAt] of [
    ['', never],
    ['text é 🙂', 1_800_000_000_000],
    [new Uint8Array(0), never],
    [Uint8Array.of(0, 1, 255), 0],
  ] as const) {
    const stored = encodeValue(value, expiresAt);
    // As it comes from a larger buffer.
    const within = new Uint8Array(Buffer.concat([Buffer.of(9), stored])).subarray(1);
    t.strictSame(decodeValue(within), { value, expiresAt });
  }
  t.same(decodeValue(emptiedValue), { value: undefined, expiresAt: 0 });
});

t.test('what is neither, and what another program has stored', async (t) => {
  for (const wrong of [undefined, null, 1, { value: 1 }]) {
    t.throws(() => encodeValue(wrong, 0), { code: 'BAD_REQUEST' });
  }
  for (const foreign of ['', 'a', '{"value":1}', '\x00short', '\x03long enough to be one']) {
    t.throws(() => decodeValue(Buffer.from(foreign)), { code: 'INTERNAL' });
  }
});
