import type { SessionLimits } from './client-sessions.ts';
import type { DownstreamLimits } from './downstream.ts';
import type { LogWindow } from './update-log.ts';

export interface ChainLimits extends DownstreamLimits, SessionLimits, LogWindow {
  /** The largest number of updates not known to be executed at the tail; one more write is refused with BUSY. */
  readonly logUpdatesMax: number;
  /** The same in bytes; the write that exceeds the limit is still accepted. */
  readonly logBytesMax: number;
  /**
   * The largest number of received updates not known to be executed here while a write whose outcome depends on the table is
   * taken: for each such write the head searches them.
   */
  readonly conditionUpdatesMax: number;
}

export const defaultChainLimits: ChainLimits = {
  batchUpdatesMax: 1024,
  batchBytesMax: 1 << 20,
  redialDelayMs: 50,
  chunksUnderWayMax: 16,
  chunkLagUpdatesMax: 8_192,
  lagUpdatesMax: 131_072,
  lagBytesMax: 128 << 20,
  logUpdatesMax: 65_536,
  logBytesMax: 64 << 20,
  conditionUpdatesMax: 1_024,
  windowUpdatesMax: 8_192,
  windowBytesMax: 16 << 20,
  sessionsMax: 10_000,
  outcomesPerSessionMax: 2_048,
  outcomesMax: 200_000,
};
