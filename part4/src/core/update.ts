/** The unit of replication: one write, numbered by a head, on its way down the chain (DESIGN terms: update). */

import type { ServerId } from './view.ts';

/** One head's reign, named by that head's id: ids rise and a head never returns. */
export type Epoch = ServerId;

/** What a write is called: `seq` is its place in the chain's history, `epoch` says who put it there. */
export interface WriteName {
  readonly epoch: Epoch;
  readonly seq: number;
}

/** What a client asks for, before it has a name. */
export interface WriteRequest {
  /** 16 hexadecimal digits that name the client, or empty where it has none (the original format). */
  readonly client: string;
  /** Which of the client's requests this is; a repeat carries the same number. */
  readonly request: number;
  readonly op: 'put' | 'del';
  readonly key: string;
  /** The value of a put, no bytes for a del. */
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
