/** The unit of replication: one write, numbered by a head, on its way down the chain. */

import { logicalEntryBytes, unreachable } from '@tablelab/shared';

/** One head's reign: the record's `epochBase` plus that head's id. Ids rise and a head never returns, so epochs rise. */
export type Epoch = number;

/** What a write is called: `seq` is its place in the chain's history, `epoch` says who put it there. */
export interface WriteName {
  readonly epoch: Epoch;
  readonly seq: number;
}

/** What a client asks for, before it has a name. */
export interface WriteRequest {
  /**
   * The client session that the write belongs to, or empty where it has none (the original format). For `open`: the name of
   * the session that it begins, random digits that nobody can guess, chosen by the server that was asked.
   */
  readonly client: string;
  /** Which of the session's requests this is, from 1 up; a repeat carries the same number. */
  readonly request: number;
  /** The client's lowest request that has no answer yet: what became of those below may be forgotten. */
  readonly firstIncomplete: number;
  /** `open` begins a session, and changes nothing else. */
  readonly op: 'put' | 'del' | 'open';
  /** Empty for `open`. */
  readonly key: string;
  /** The value of a put, no bytes for the others. */
  readonly data: Uint8Array;
}

export interface Update extends WriteRequest, WriteName {}

/**
 * What an update costs to hold, in bytes, and no less than what it takes on a link: a UTF-16 unit of text is three bytes
 * of UTF-8 at most, and the flat rate covers the numbers and the object around it all.
 */
export function updateBytes({ client, key, data }: Update): number {
  return 128 + 3 * (client.length + key.length) + data.length;
}

/** What a write may add to the table, in logical bytes: it adds less where it replaces a value. */
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
    // The two halves of a surrogate pair are four bytes together.
    bytes += code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 1 : 2;
  }
  return bytes;
}
