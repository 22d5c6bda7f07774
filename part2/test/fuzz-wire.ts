import { isDeepStrictEqual } from 'node:util';
import { decodeMessage, decodeRequest, encodeMessage, FrameDecoder, type Message } from '@tablelab/part2';
import { seededRandom, TableError } from '@tablelab/shared';
import { message_t } from '../src/wire/generated/sdmessage.js';
import { vectorMessages } from './vector-messages.ts';

/**
 * Feeds random and mutated bytes to the decoders of messages and frames. It fails on any exception other than a
 * TableError, and on a message that is decoded differently from the generated code. Prints counts as JSON.
 */

const random = seededRandom(20_261_122).int;
const seeds = Object.values(vectorMessages).map((message) => encodeMessage(message).subarray(1));
const counts = { payloads: 0, messages: 0, requests: 0, refused: 0, frames: 0 };

const noise = Buffer.from(Array.from({ length: 4_096 }, () => random(256)));
const someNoise = (bytesMax: number) => {
  const start = random(noise.length - bytesMax);
  return noise.subarray(start, start + random(bytesMax + 1));
};

/** Up to two bytes changed; a piece cut out of the middle, or put into it. */
const mutated = (seed: Uint8Array): Uint8Array => {
  const bytes = Buffer.from(seed);
  for (let i = random(3); i > 0; i -= 1) bytes[random(bytes.length)] = random(256);
  const at = random(bytes.length + 1);
  const cut = random(2) * random(4);
  return Buffer.concat([bytes.subarray(0, at), someNoise(3), bytes.subarray(at + cut)]);
};

/** Decodes the bytes of `message` with the generated code, which is the reference. */
const comparable = (message: object): object =>
  Object.fromEntries(
    Object.keys(message_t.prototype)
      .filter((field) => !['toJSON', 'constructor'].includes(field))
      .map((field) => {
        const value = (message as Record<string, unknown>)[field];
        const isLong = typeof value === 'object' && value !== null && 'toNumber' in value;
        return [field, isLong ? (value as { toNumber(): number }).toNumber() : value];
      }),
  );

const agree = (bytes: Uint8Array, message: Message): void => {
  const [read, generated] = [comparable(message), comparable(message_t.decode(bytes))];
  if (JSON.stringify(read) === JSON.stringify(generated)) return;
  throw new Error(
    `${Buffer.from(bytes).toString('hex')} is read in two ways: ${JSON.stringify([read, generated])}`,
  );
};

const refusable = (work: () => void): void => {
  try {
    work();
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    counts.refused += 1;
  }
};

while (counts.payloads < 100_000) {
  const seed = seeds[random(seeds.length)] ?? new Uint8Array(0);
  const bytes = counts.payloads % 2 === 0 ? mutated(seed) : someNoise(40);
  refusable(() => {
    const message = decodeMessage(bytes);
    agree(bytes, message);
    // An accepted message can be encoded again.
    decodeMessage(encodeMessage(message).subarray(1));
    counts.messages += 1;
  });
  refusable(() => {
    const request = decodeRequest(bytes);
    counts.requests += 1;
    if (request.key === '') return;
    const { keys, detail, server } = request;
    if (!isDeepStrictEqual(request, { ...decodeMessage(bytes), keys, detail, server }))
      throw new Error(`${Buffer.from(bytes).toString('hex')} is another message as a request`);
  });
  const decoder = new FrameDecoder({ frameBytesMax: 64 });
  refusable(() => {
    for (const payload of decoder.push(bytes)) {
      counts.frames += 1;
      if (payload.length > 64) throw new Error('a payload above the limit');
    }
  });
  if (decoder.restBytes > bytes.length) throw new Error('more is left than came');
  counts.payloads += 1;
}
console.log(JSON.stringify(counts));
