import { defaultFrameBytesMax } from '../wire/framing.ts';

/** Limits of one connection. */
export interface ConnectionLimits {
  /** The longest request, in bytes. */
  readonly frameBytesMax: number;
  /** How long a client may be silent, in milliseconds. */
  readonly idleTimeoutMs: number;
  /**
   * How long a request may take to arrive once it has begun, and how long the client may leave replies unread, in
   * milliseconds.
   */
  readonly frameTimeoutMs: number;
  /** While replies of this size wait for the client to read, nothing is read from it, in bytes. */
  readonly outputBytesMax: number;
}

/** Limits for interactive use, and for programs on one local network. */
export const defaultConnectionLimits: ConnectionLimits = {
  frameBytesMax: defaultFrameBytesMax,
  idleTimeoutMs: 5 * 60_000,
  frameTimeoutMs: 10_000,
  outputBytesMax: 1024 * 1024,
};

/** How much is read ahead from a client whose requests cannot be executed now, in bytes. */
export const aheadBytesMax = 64 * 1024;
