export interface ClientLimits {
  /** How long a server may owe answers without giving one before its connection counts as lost, in milliseconds. */
  readonly attemptTimeoutMs: number;
  /** Waits between attempts, in milliseconds: doubling from the first to the last. A new view ends a wait at once. */
  readonly retryDelayMs: { readonly first: number; readonly last: number };
  /** Writes under way at once, and reads: no more than a server takes of one connection without having answered. */
  readonly underWayMax: number;
  /**
   * What the keys and values of writes under way may come to before no other is sent, in bytes; the same for reads. It
   * bounds what a connection holds for a server that does not read.
   */
  readonly underWayBytesMax: number;
  /** Calls without a result, those that wait to be sent among them; one more fails with BUSY. */
  readonly callsMax: number;
}

export const defaultClientLimits: ClientLimits = {
  attemptTimeoutMs: 5_000,
  retryDelayMs: { first: 5, last: 200 },
  underWayMax: 1_024,
  underWayBytesMax: 64 * 1024 * 1024,
  callsMax: 1_000_000,
};
