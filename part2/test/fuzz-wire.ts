import { decodeMessage, encodeMessage, FrameDecoder } from '@tablelab/part2';
import { seededRandom, TableError } from '@tablelab/shared';
import { vectorMessages } from './vector-messages.ts';

/**
 * Feeds random and mutated bytes to the decoder of messages and to that of frames. Whatever is thrown but a
 * TableError ends it with an error. Prints what came of them as JSON.
 */

const random = seededRandom(20_261_122).int;
const seeds = Object.values(vectorMessages).map((message) => encodeMessage(message).subarray(1));
const counts = { payloads: 0, messages: 0, refused: 0, frames: 0 };

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
    // What was accepted is a message like any other: it can be sent on.
    decodeMessage(encodeMessage(decodeMessage(bytes)).subarray(1));
    counts.messages += 1;
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
