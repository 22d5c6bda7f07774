/**
 * Data and entries as bytes (assignment part 1), by hand. Integers are unsigned, 32 bits, big-endian.
 *
 *     data    | size (4) | bytes (size) |
 *
 *     entry   | key size (4) | key in UTF-8 | NUL (1) | value size (4) | value (value size) |
 *                              '- key size bytes -----'
 *
 * A decoder takes exactly one whole buffer and returns copies, which share no memory with the buffer.
 */

import { assert, checkBytes, TableError } from '@tablelab/shared';
import { BufferReader, malformed, uint32Bytes } from './buffer-reader.ts';
import { checkEntry, checkKey, duplicateData, type Entry } from './entry.ts';

/** The largest value whose size fits the format. */
const valueBytesMax = 2 ** 32 - 1;

const utf8Encoder = new TextEncoder();
// Without ignoreBOM, a key that begins with U+FEFF would lose it.
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws TableError TOO_LARGE for a value of 4 GiB or more. */
export function dataToBuffer(data: Uint8Array): Uint8Array {
  checkBytes('a value', data);
  checkValueSize(data);
  const buffer = new Uint8Array(uint32Bytes + data.byteLength);
  writeData(buffer, 0, data);
  return buffer;
}

/** @throws TableError BAD_REQUEST for a truncated or over-long buffer. */
export function bufferToData(buffer: Uint8Array): Uint8Array {
  const reader = new BufferReader(buffer);
  const data = readData(reader, 'the data');
  reader.end();
  return data;
}

/** @throws TableError BAD_REQUEST for a key with NUL or a lone surrogate, TOO_LARGE for a value of 4 GiB or more. */
export function entryToBuffer(entry: Entry): Uint8Array {
  checkEntry(entry);
  checkKey(entry.key);
  checkValueSize(entry.value);
  const key = utf8Encoder.encode(entry.key);
  // A JavaScript string has fewer than 2^29 code units of at most three bytes each, so the size fits into 32 bits.
  const keySize = key.byteLength + 1;
  const valueOffset = uint32Bytes + keySize;
  const buffer = new Uint8Array(valueOffset + uint32Bytes + entry.value.byteLength);
  new DataView(buffer.buffer).setUint32(0, keySize);
  buffer.set(key, uint32Bytes); // the NUL after it is already there: a new buffer is all zeros
  writeData(buffer, valueOffset, entry.value);
  return buffer;
}

/** @throws TableError BAD_REQUEST for a truncated, over-long or otherwise malformed buffer. */
export function bufferToEntry(buffer: Uint8Array): Entry {
  const reader = new BufferReader(buffer);
  const key = readKey(reader);
  const value = readData(reader, 'the value');
  reader.end();
  return { key, value };
}

function checkValueSize(value: Uint8Array): void {
  if (value.byteLength > valueBytesMax) {
    throw new TableError('TOO_LARGE', `a value has at most ${valueBytesMax} bytes, not ${value.byteLength}`);
  }
}

function writeData(buffer: Uint8Array, offset: number, data: Uint8Array): void {
  assert(offset + uint32Bytes + data.byteLength === buffer.byteLength, 'the data ends the buffer');
  new DataView(buffer.buffer).setUint32(offset, data.byteLength);
  buffer.set(data, offset + uint32Bytes);
}

function readData(reader: BufferReader, what: string): Uint8Array {
  const size = reader.uint32(`the size of ${what}`);
  return duplicateData(reader.bytes(size, what));
}

function readKey(reader: BufferReader): string {
  const size = reader.uint32('the size of the key');
  if (size === 0) throw malformed(0, 'a key size of at least 1, for the NUL', '0');
  const start = reader.offset;
  const bytes = reader.bytes(size, 'the key and its NUL');
  const nul = bytes.indexOf(0);
  if (nul === -1) throw malformed(start + size - 1, "the key's final NUL", `byte ${bytes[size - 1]}`);
  if (nul < size - 1) throw malformed(start + nul, 'a key without NUL', 'NUL');
  try {
    return utf8Decoder.decode(bytes.subarray(0, nul));
  } catch (cause) {
    throw malformed(start, `a key of ${nul} bytes in UTF-8`, 'bytes that are not UTF-8', cause);
  }
}
