import { TableError, wrongArgument } from '@tablelab/shared';

/**
 * A value as the chain keeps it:
 *
 *     | kind: 1 | expires at: 8 | the value ... |
 *
 * The kind is 0 for a text in UTF-8, 1 for bytes, 2 for what has expired and was emptied. The time is a big-endian double:
 * milliseconds since 1970, or infinite for a value that does not expire.
 */
const headerBytes = 9;
const kinds = { text: 0, bytes: 1, emptied: 2 } as const;

export interface StoredValue {
  /** Undefined for a value that has expired and was emptied. */
  readonly value: string | Uint8Array | undefined;
  /** Milliseconds since 1970; infinite: never. */
  readonly expiresAt: number;
}

/** What stands in place of a value that has expired, until the key is written or deleted. */
export const emptiedValue = withHeader(kinds.emptied, 0, new Uint8Array(0));

/** @throws TableError BAD_REQUEST for a value that is neither a text nor bytes */
export function encodeValue(value: unknown, expiresAt: number): Uint8Array {
  if (typeof value === 'string') return withHeader(kinds.text, expiresAt, Buffer.from(value));
  if (value instanceof Uint8Array) return withHeader(kinds.bytes, expiresAt, value);
  throw wrongArgument('a stored value is a string or a Uint8Array (does Keyv have its serializer?)', value);
}

/** @throws TableError INTERNAL for bytes that this adapter has not stored */
export function decodeValue(stored: Uint8Array): StoredValue {
  const [kind] = stored;
  const isKnown = kind === kinds.text || kind === kinds.bytes || kind === kinds.emptied;
  if (!isKnown || stored.length < headerBytes) {
    throw new TableError('INTERNAL', 'the key holds a value that was not stored by this adapter');
  }
  const expiresAt = new DataView(stored.buffer, stored.byteOffset).getFloat64(1);
  const bytes = stored.subarray(headerBytes);
  if (kind === kinds.emptied) return { value: undefined, expiresAt };
  return { value: kind === kinds.text ? Buffer.from(bytes).toString() : bytes, expiresAt };
}

function withHeader(kind: number, expiresAt: number, value: Uint8Array): Uint8Array {
  const stored = new Uint8Array(headerBytes + value.length);
  stored[0] = kind;
  new DataView(stored.buffer).setFloat64(1, expiresAt);
  stored.set(value, headerBytes);
  return stored;
}
