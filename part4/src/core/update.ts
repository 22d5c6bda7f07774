/** The unit of replication: one write, numbered by a head, on its way down the chain. */

/** One head's reign: the record's `epochBase` plus that head's id. Ids rise and a head never returns, so epochs rise. */
export type Epoch = number;

/** What a write is called: `seq` is its place in the chain's history, `epoch` says who put it there. */
export interface WriteName {
  readonly epoch: Epoch;
  readonly seq: number;
}

/** What a client asks for, before it has a name. */
export interface WriteRequest {
  /** The client's session, 16 hexadecimal digits, or empty where it has none (the original format). */
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
