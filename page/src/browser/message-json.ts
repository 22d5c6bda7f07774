import { valueText } from '@tablelab/part4/sim/hand-client';

/** A recording has thousands of messages, and some bring a part of a table. In characters. */
const lengthMax = 4_000;

/** The fields of a message as JSON, with bytes as text, or in hexadecimal digits; cut off if it is too long. */
export function messageJson(data: unknown): string {
  const text = JSON.stringify(data, function replace(this: Record<string, unknown>, name, value) {
    // Before its own toJSON: of some bytes, that makes a list of numbers.
    const field = this[name];
    return field instanceof Uint8Array ? valueText(field) : value;
  });
  return text.length > lengthMax ? `${text.slice(0, lengthMax)} …` : text;
}
