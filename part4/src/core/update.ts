/** The unit of replication: one write, numbered by a head, that passes down the chain. */

import type { TaskName } from '@tablelab/part2';
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
  readonly op: TaskName | 'open';
  /** Empty for `open`. */
  readonly key: string;
  /** The value of a put, with a condition or without; empty for the others. */
  readonly data: Uint8Array;
  /** The value that the key must have: for `putIfEquals`, and only there. */
  readonly expected?: Uint8Array | undefined;
}

export interface Update extends WriteRequest, WriteName {
  /**
   * The outcome, which the head has decided when it numbered the write, see condition.ts. False: the condition of the put was
   * not met, or the key of the del was not there, so the update changes no table. True for all other writes.
   */
  readonly isApplied: boolean;
}

/**
 * The memory that an update needs, in bytes; no less than its size on a link. A UTF-16 code unit takes at most three
 * bytes of UTF-8, and the constant covers the numbers and the object.
 */
export function updateBytes({ client, key, data, expected }: Update): number {
  return 128 + 3 * (client.length + key.length) + data.length + (expected?.length ?? 0);
}

const digestsOfOps = { put: 1, del: 2, open: 3, putIfAbsent: 4, putIfEquals: 5 } as const;

/**
 * Tells two writes apart, but for one pair in 2^32: murmur3's mixing of 32-bit words over operation, key, data and expected
 * value. It is part of the replicated state, so all servers must compute it alike.
 */
export function writeDigest(write: Pick<WriteRequest, 'op' | 'key' | 'data' | 'expected'>): number {
  const { op, key, data, expected } = write;
  let digest = mix(mix(digestsOfOps[op], key.length), data.length);
  for (let i = 0; i < key.length; i += 1) digest = mix(digest, key.charCodeAt(i));
  digest = mixBytes(digest, data);
  if (expected !== undefined) digest = mixBytes(mix(digest, expected.length), expected);
  return digest >>> 0;
}

function mixBytes(start: number, data: Uint8Array): number {
  let digest = start;
  const words = data.length & ~3;
  for (let i = 0; i < words; i += 4) {
    const word = (data[i] as number) | ((data[i + 1] as number) << 8) | ((data[i + 2] as number) << 16);
    digest = mix(digest, word | ((data[i + 3] as number) << 24));
  }
  for (let i = words; i < data.length; i += 1) digest = mix(digest, data[i] as number);
  return digest;
}

function mix(digest: number, word: number): number {
  const product = Math.imul(word, 0xcc9e2d51);
  const mixed = digest ^ Math.imul((product << 15) | (product >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

/** The most that a write may add to the table, in logical bytes; it adds less if it replaces a value. */
export function addedBytes(update: Pick<Update, 'op' | 'key' | 'data' | 'isApplied'>): number {
  const { op, key, data, isApplied } = update;
  switch (op) {
    case 'put':
    case 'putIfAbsent':
    case 'putIfEquals':
      return isApplied ? logicalEntryBytes(utf8Length(key), data.length) : 0;
    case 'del':
    case 'open':
      return 0;
    default:
      return unreachable(op);
  }
}

/** What an update does to the table: `none` for an `open`, and for one that is not applied. */
export function effectOf({ op, isApplied }: Pick<Update, 'op' | 'isApplied'>): 'put' | 'del' | 'none' {
  if (!isApplied || op === 'open') return 'none';
  return op === 'del' ? 'del' : 'put';
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
