/** Long loops over a decoder, which would take too long from another process. Whether it gave what it should is for the test. */
import type { FrameDecoder } from '@tablelab/part2';

/** Appends the bytes one by one; returns the lengths of the payloads that came out before the last one. */
export function appendSingly(decoder: FrameDecoder, bytes: Uint8Array): number[] {
  const lengths: number[] = [];
  for (const [index, byte] of bytes.entries()) {
    decoder.append(Uint8Array.of(byte));
    if (index === bytes.length - 1) break;
    const payload = decoder.next();
    if (payload !== undefined) lengths.push(payload.length);
  }
  return lengths;
}

/** Appends the bytes one by one, and takes nothing. */
export function fillSingly(decoder: FrameDecoder, bytes: Uint8Array): void {
  for (const byte of bytes) decoder.append(Uint8Array.of(byte));
}

/** The lengths of all payloads that are complete. */
export function takeLengths(decoder: FrameDecoder): number[] {
  const lengths: number[] = [];
  for (let payload = decoder.next(); payload !== undefined; payload = decoder.next())
    lengths.push(payload.length);
  return lengths;
}
