/** The unit of replication: one write, numbered by a head, that passes down the chain. */

import { logicalEntryBytes, unreachable } from '@tablelab/shared';

/**
 * The term of one head: the record's `epochBase` plus the head's id. Ids rise and a head never returns, so epochs rise.
 */
export type Epoch = number;

/** The name of a write: `seq` is its place in the chain's history, `epoch` identifies the head that numbered it. */
export interface WriteName {
  readonly epoch: Epoch;
  readonly seq: number;
}

/** A client's write before it has a name. */
export interface WriteRequest {
  /**
   * The client session of the write, or empty if it has none (the original format). For `open`: the name of the session
   * that it begins, random digits that cannot be guessed, chosen by the server that got the request.
   */
  readonly client: string;
  /** The number of the request in its session, from 1; a repeat has the same number. */
  readonly request: number;
  /** The client's lowest request without an answer: outcomes of lower ones may be forgotten. */
  readonly firstIncomplete: number;
  /** `open` begins a session, and changes nothing else. */
  readonly op: 'put' | 'del' | 'open';
  /** Empty for `open`. */
  readonly key: string;
  /** The value of a put; empty for the others. */
  readonly data: Uint8Array;
}

export interface Update extends WriteRequest, WriteName {}

/**
 * The memory that an update needs, in bytes; no less than its size on a link. A UTF-16 code unit takes at most three
 * bytes of UTF-8, and the constant covers the numbers and the object.
 */
export function updateBytes({ client, key, data }: Update): number {
  return 128 + 3 * (client.length + key.length) + data.length;
}

/**
 * Tells two writes apart, but for one pair in 2^32: murmur3's mixing of 32-bit words over operation, key and data. It is part
 * of the replicated state, so all servers must compute it alike.
 */
export function writeDigest({ op, key, data }: Pick<WriteRequest, 'op' | 'key' | 'data'>): number {
  let digest = mix(mix(op === 'put' ? 1 : 2, key.length), data.length);
  for (let i = 0; i < key.length; i += 1) digest = mix(digest, key.charCodeAt(i));
  const words = data.length & ~3;
  for (let i = 0; i < words; i += 4) {
    const word = (data[i] as number) | ((data[i + 1] as number) << 8) | ((data[i + 2] as number) << 16);
    digest = mix(digest, word | ((data[i + 3] as number) << 24));
  }
  for (let i = words; i < data.length; i += 1) digest = mix(digest, data[i] as number);
  return digest >>> 0;
}

function mix(digest: number, word: number): number {
  const product = Math.imul(word, 0xcc9e2d51);
  const mixed = digest ^ Math.imul((product << 15) | (product >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

/** The most that a write may add to the table, in logical bytes; it adds less if it replaces a value. */
export function addedBytes({ op, key, data }: Pick<WriteRequest, 'op' | 'key' | 'data'>): number {
  switch (op) {
    case 'put':
      return logicalEntryBytes(utf8Length(key), data.length);
    case 'del':
    case 'open':
      return 0;
    default:
      return unreachable(op);
  }
}

function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    // The two halves of a surrogate pair take four bytes together.
    bytes += code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 1 : 2;
  }
  return bytes;
}
