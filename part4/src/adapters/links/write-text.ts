/** Up to this length, as for most names and keys, writing in JavaScript is faster than calling native code. */
const shortText = 32;

/** Writes `text`, which takes `length` bytes of UTF-8, at `at`; returns where it ends. */
export function writeText(bytes: Buffer, at: number, text: string, length: number): number {
  if (length === text.length && length <= shortText) {
    for (let index = 0; index < length; index += 1) bytes[at + index] = text.charCodeAt(index);
  } else {
    bytes.write(text, at, length, 'utf8');
  }
  return at + length;
}
