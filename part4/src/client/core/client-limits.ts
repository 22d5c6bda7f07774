export interface ClientLimits {
  /** A connection counts as lost when its server owes answers and gives none for so long, in milliseconds. */
  readonly attemptTimeoutMs: number;
  /** Pauses between attempts, in milliseconds: doubled from the first to the last. A new view ends a pause at once. */
  readonly retryDelayMs: { readonly first: number; readonly last: number };
  /** Writes under way at once; the same for reads. A server takes no more from a connection without having answered. */
  readonly underWayMax: number;
  /**
   * What the keys and values of writes under way may come to before no other is sent, in bytes; the same for reads. It
   * bounds what a connection holds for a server that does not read.
   */
  readonly underWayBytesMax: number;
  /** Calls without a result, sent or not. One more fails with BUSY. */
  readonly callsMax: number;
}

export const defaultClientLimits: ClientLimits = {
  attemptTimeoutMs: 5_000,
  retryDelayMs: { first: 5, last: 200 },
  underWayMax: 1_024,
  underWayBytesMax: 64 * 1024 * 1024,
  callsMax: 1_000_000,
};
