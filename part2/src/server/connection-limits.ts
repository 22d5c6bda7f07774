import { defaultFrameBytesMax } from '../wire/framing.ts';

/** Limits of one connection. */
export interface ConnectionLimits {
  /** The longest request, in bytes. */
  readonly frameBytesMax: number;
  /** How long a client may be silent, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** How long a request may take to arrive once it has begun, and replies may lie without the client reading on. */
  readonly frameTimeoutMs: number;
  /** How many requests may be without a reply; no more are read until one is answered. */
  readonly requestsInFlightMax: number;
  /** While replies of this size wait for the client to read, nothing is read from it. */
  readonly outputBytesMax: number;
}

/** Limits of a connection that are good for people and for programs in one building. */
export const defaultConnectionLimits: ConnectionLimits = {
  frameBytesMax: defaultFrameBytesMax,
  idleTimeoutMs: 5 * 60_000,
  frameTimeoutMs: 10_000,
  requestsInFlightMax: 1_024,
  outputBytesMax: 1024 * 1024,
};

/**
 * A reply may be longer than the longest request, by this much: a value that just fitted into a put comes back with
 * other fields beside it.
 */
export const replyHeadroomBytes = 1024;

/** How much a client may send ahead while it waits for a place, or the server is short of memory. */
export const aheadBytesMax = 64 * 1024;
