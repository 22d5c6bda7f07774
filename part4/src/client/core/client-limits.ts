export interface ClientLimits {
  /** A connection counts as lost when its server owes answers and has sent none for this long, in milliseconds. */
  readonly attemptTimeoutMs: number;
  /** Pauses between attempts, in milliseconds: doubled from the first to the last. A new view ends a pause at once. */
  readonly retryDelayMs: { readonly first: number; readonly last: number };
  /**
   * The largest number of writes under way; the same for reads. A server accepts no more unanswered requests from a
   * connection.
   */
  readonly underWayMax: number;
  /**
   * The largest total size of the keys and values of writes under way, in bytes; the same for reads. It limits what a
   * connection buffers for a server that does not read.
   */
  readonly underWayBytesMax: number;
  /** The largest number of calls without a result, sent or not. One more fails with BUSY. */
  readonly callsMax: number;
  /**
   * Whether servers keep the outcomes of all writes since the last {@link ClientEvent} `hold`. Such a client can stop, and another
   * one can go on in its session and repeat those writes. A session that the chain has forgotten fails its writes.
   */
  readonly holdsOutcomes?: boolean;
}

export const defaultClientLimits: ClientLimits = {
  attemptTimeoutMs: 5_000,
  retryDelayMs: { first: 5, last: 200 },
  underWayMax: 1_024,
  underWayBytesMax: 64 * 1024 * 1024,
  callsMax: 1_000_000,
};
