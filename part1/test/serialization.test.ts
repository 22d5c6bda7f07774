import { bufferToData, bufferToEntry, dataToBuffer, type Entry, entryToBuffer } from '@tablelab/part1';
import { casesPerSeed, noBytes, noText, sameBytes, syncTest, testSeed } from '@tablelab/part1/testing';
import { type Random, seededRandom } from '@tablelab/shared';
import { cases } from '@tablelab/shared/testing';
import fc from 'fast-check';
import t from 'tap';
import vectorFile from './vectors/serialization.json' with { type: 'json' };

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
const badRequest = { name: 'TableError', code: 'BAD_REQUEST' };
/** The error of a decoder, which names one of these offsets. */
const badRequestAt = (offsets: readonly number[]) => ({
  ...badRequest,
  message: new RegExp(`\\boffset (${offsets.join('|')})\\b`),
});
const entry = (key: string, ...value: number[]): Entry => ({ key, value: Uint8Array.from(value) });

/** One vector has 70,000 bytes and is stored in a short form. */
interface Vector {
  readonly kind: string;
  readonly name: string;
  readonly key?: string;
  readonly value?: string;
  readonly valueRepeat?: { readonly byte: string; readonly count: number };
  readonly bytes?: string;
  readonly bytesPrefix?: string;
}

function bytesOf({ value, valueRepeat, bytes, bytesPrefix }: Vector): {
  value: Uint8Array;
  bytes: Uint8Array;
} {
  const valueText = value ?? valueRepeat?.byte.repeat(valueRepeat.count) ?? '';
  return { value: hex(valueText), bytes: hex(bytes ?? `${bytesPrefix}${valueText}`) };
}

syncTest(t, 'the bytes are those of the original C implementation (part1/README.md#format-vectors)', (t) => {
  const vectors: readonly Vector[] = vectorFile.vectors;
  t.equal(vectors.length, 9, 'all vectors are there');
  for (const vector of cases(t, vectors)) {
    const { value, bytes } = bytesOf(vector);
    const title = `${vector.kind} ${vector.name}`;
    if (vector.kind === 'data') {
      t.ok(sameBytes(dataToBuffer(value), bytes), `${title}: written`);
      t.ok(sameBytes(bufferToData(bytes), value), `${title}: read`);
    } else {
      const key = vector.key ?? '';
      t.ok(sameBytes(entryToBuffer({ key, value }), bytes), `${title}: written`);
      const read = bufferToEntry(bytes);
      t.equal(read.key, key, `${title}: key read`);
      t.ok(sameBytes(read.value, value), `${title}: value read`);
    }
  }
});

syncTest(t, 'keys, values and buffers of other types are refused (part1/README.md#arguments)', (t) => {
  const calls: readonly [string, (bytes: never) => unknown][] = [
    ['dataToBuffer', dataToBuffer],
    ['bufferToData', bufferToData],
    ['bufferToEntry', bufferToEntry],
    ['entryToBuffer', (value) => entryToBuffer({ key: 'a', value })],
  ];
  for (const [name, call] of cases(t, calls)) {
    for (const [kind, value] of noBytes) {
      t.throws(() => call(value), badRequest, `${name}: ${kind}`);
    }
  }
  for (const [name, key] of cases(t, noText)) {
    t.throws(() => entryToBuffer({ key, value: Uint8Array.of() }), badRequest, name);
  }
});

syncTest(t, 'data is its size and its bytes (part1/README.md#format-data)', (t) => {
  t.same(dataToBuffer(Uint8Array.of()), hex('00000000'));
  t.same(dataToBuffer(Uint8Array.of(1, 0, 255)), hex('00000003 0100ff'.replace(' ', '')));
  t.same(
    dataToBuffer(Buffer.from('xabcx').subarray(1, 4)),
    hex('00000003616263'),
    'of a part of a Buffer, the part',
  );
});

syncTest(
  t,
  'an entry is its key with NUL and its value, each after its size (part1/README.md#format-entry)',
  (t) => {
    t.same(entryToBuffer(entry('')), hex('000000010000000000'), 'the empty key has the size of its NUL');
    t.same(entryToBuffer(entry('k', 255)), hex('000000026b0000000001ff'));
    t.same(
      entryToBuffer(entry('é', 1)),
      hex('00000003c3a9000000000101'),
      'the size is in bytes, not in characters',
    );
  },
);

syncTest(t, 'decoding returns what was encoded (part1/README.md#format-round-trip)', (t) => {
  const text = fc
    .string({ unit: 'binary', maxLength: 40, size: 'max' })
    .filter((text) => !text.includes('\0'));
  const value = fc.uint8Array({ maxLength: 100, size: 'max' });
  const roundTrip = fc.property(text, value, (key, value) => {
    const read = bufferToEntry(entryToBuffer({ key, value }));
    return (
      read.key === key && sameBytes(read.value, value) && sameBytes(bufferToData(dataToBuffer(value)), value)
    );
  });
  t.doesNotThrow(() => fc.assert(roundTrip, { seed: testSeed, numRuns: casesPerSeed(2_000) }));
  const all = Uint8Array.from({ length: 256 }, (_, index) => index);
  const large = Uint8Array.from({ length: 2 ** 20 }, (_, index) => (index * 31) >>> 3);
  for (const value of cases(t, [all, large, Uint8Array.of()])) {
    t.ok(sameBytes(bufferToData(dataToBuffer(value)), value), `data of ${value.length} bytes`);
    t.ok(
      sameBytes(bufferToEntry(entryToBuffer({ key: 'k', value })).value, value),
      `and as an entry's value`,
    );
  }
  t.equal(
    bufferToEntry(entryToBuffer(entry('\uFEFFk'))).key,
    '\uFEFFk',
    'a byte order mark is part of the key',
  );
});

syncTest(t, 'entries that the format cannot represent are refused (part1/README.md#format-limits)', (t) => {
  for (const key of cases(t, ['\0', 'a\0', '\uD800'])) {
    t.throws(
      () => entryToBuffer(entry(key)),
      { name: 'TableError', code: 'BAD_REQUEST' },
      JSON.stringify(key),
    );
  }
  // A fake size, because a test should not allocate 4 GiB.
  const size = { value: 2 ** 32 };
  const huge = Object.defineProperties(new Uint8Array(1), { length: size, byteLength: size });
  const tooLarge = { name: 'TableError', code: 'TOO_LARGE' };
  t.throws(() => dataToBuffer(huge), tooLarge);
  t.throws(() => entryToBuffer({ key: 'k', value: huge }), tooLarge);
});

syncTest(
  t,
  'a malformed buffer: the error says what was expected at which offset (part1/README.md#decode-errors)',
  (t) => {
    const entries: [string, number[]][] = [
      ['', [0]],
      ['000000', [0]],
      ['00000000', [0]],
      ['000000026b', [4]],
      ['ffffffff6b00', [4]],
      ['000000026b6b', [4, 5]],
      ['000000030000000000000000', [4]],
      ['000000036b0000', [4, 5]],
      ['00000002ff0000000000', [4]],
      ['00000004eda08000', [4]],
      ['00000003c08000', [4]],
      ['000000026b00', [6]],
      ['000000026b0000000002ff', [10]],
      ['000000026b00ffffffffff', [10]],
      ['000000026b0000000001ff00', [11]],
    ];
    for (const [bytes, offsets] of cases(t, entries)) {
      t.throws(() => bufferToEntry(hex(bytes)), badRequestAt(offsets), `entry ${bytes} is refused`);
    }
    const data: [string, number[]][] = [
      ['', [0]],
      ['00000001', [4]],
      ['8000000001', [4]],
      ['0000000100ffff', [5]],
    ];
    for (const [bytes, offsets] of cases(t, data)) {
      t.throws(() => bufferToData(hex(bytes)), badRequestAt(offsets), `data ${bytes}`);
    }
  },
);

syncTest(
  t,
  'nothing beyond the buffer is read, even if its memory is larger (part1/README.md#decode-errors)',
  (t) => {
    const whole = entryToBuffer(entry('key', 1, 2, 3));
    for (let length = 0; length < whole.length; length += 1) {
      t.throws(
        () => bufferToEntry(whole.subarray(0, length)),
        { code: 'BAD_REQUEST' },
        `the first ${length} bytes`,
      );
    }
    const shifted = new Uint8Array(whole.length + 5);
    shifted.set(whole, 5);
    t.same(
      bufferToEntry(shifted.subarray(5)),
      entry('key', 1, 2, 3),
      'a buffer may begin anywhere in its memory',
    );
  },
);

syncTest(t, 'the result shares no memory with the buffer (part1/README.md#decode-copies)', (t) => {
  const entryBuffer = Buffer.from(entryToBuffer(entry('k', 1, 2)));
  const dataBuffer = Buffer.from(dataToBuffer(Uint8Array.of(1, 2)));
  const read = bufferToEntry(entryBuffer);
  const data = bufferToData(dataBuffer);
  entryBuffer.fill(0);
  dataBuffer.fill(0);
  t.same(read, entry('k', 1, 2));
  t.same(data, Uint8Array.of(1, 2));
  for (const value of cases(t, [read.value, data])) {
    t.equal(Object.getPrototypeOf(value), Uint8Array.prototype, 'a plain Uint8Array');
    t.equal(value.buffer.byteLength, value.byteLength, 'and no window into a larger block');
  }
});

syncTest(t, 'the size in a size field is not allocated (part1/README.md#decode-hostile)', (t) => {
  const announced = [
    hex('fffffff06b00'),
    hex('000000026b00fffffff0'),
    hex('40000000'),
    hex('000000026b0040000000ff'),
  ];
  // Each decoding that trusted the size would take 1 to 4 GiB, together far more than the limit.
  const allocatedMax = 16 * 2 ** 20;
  const before = process.memoryUsage();
  let most = 0;
  for (let round = 0; round < 1000; round += 1) {
    for (const buffer of announced) {
      for (const decode of [bufferToEntry, bufferToData]) {
        let code: unknown;
        try {
          decode(buffer);
        } catch (error) {
          code = (error as { code?: string }).code;
        }
        if (code !== 'BAD_REQUEST') throw new Error(`${Buffer.from(buffer).toString('hex')} is not refused`);
      }
    }
    most = Math.max(most, process.memoryUsage().arrayBuffers - before.arrayBuffers);
  }
  t.ok(most < allocatedMax, `${most} bytes were allocated for values at once`);
});

/** Bytes that are often nearly valid: random ones, or an entry with a few bytes changed, removed or appended. */
function fuzzedBuffer({ int: random }: Random): Uint8Array {
  const randomBytes = (length: number) => Uint8Array.from({ length }, () => random(256));
  if (random(4) === 0) return randomBytes(random(40));
  const key = Array.from({ length: random(6) }, () => 'aé€🛒'.at(random(4)));
  const whole = entryToBuffer({ key: key.join('').toWellFormed(), value: randomBytes(random(20)) });
  const more = random(8) === 0 ? randomBytes(random(8)) : randomBytes(0);
  const buffer = Buffer.concat([
    whole.subarray(0, random(4) === 0 ? random(whole.length) : whole.length),
    more,
  ]);
  for (let changes = random(4); changes > 0 && buffer.length > 0; changes -= 1) {
    // The sizes at the beginning matter most.
    buffer[random(2) === 0 ? random(Math.min(8, buffer.length)) : random(buffer.length)] = random(256);
  }
  return buffer;
}

syncTest(
  t,
  '50,000 hostile buffers: a value or an error, nothing else (part1/README.md#decode-hostile)',
  (t) => {
    const random = seededRandom(testSeed);
    const counts = { read: 0, refused: 0 };
    const check = (buffer: Uint8Array, decode: (buffer: Uint8Array) => Uint8Array) => {
      try {
        // The encoding of an entry is unique, so encoding the result must give the same bytes again.
        if (!sameBytes(decode(buffer), buffer)) throw new Error('another value than the one written');
        counts.read += 1;
      } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        if (code !== 'BAD_REQUEST' || !/\boffset \d+\b/.test(message)) {
          throw new Error(`${Buffer.from(buffer).toString('hex')}: replay with TEST_SEED=${testSeed}`, {
            cause: error,
          });
        }
        counts.refused += 1;
      }
    };
    const buffers = casesPerSeed(25_000);
    for (let made = 0; made < buffers; made += 1) {
      const buffer = fuzzedBuffer(random);
      check(buffer, (buffer) => entryToBuffer(bufferToEntry(buffer)));
      check(buffer, (buffer) => dataToBuffer(bufferToData(buffer)));
    }
    // Each is decoded twice, as an entry and as data.
    t.ok(counts.read > buffers / 20, `${counts.read} were well-formed`);
    t.ok(counts.refused > buffers, `${counts.refused} were refused`);
  },
);
