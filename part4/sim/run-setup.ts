import { entryOverheadBytes, type Random, seededRandom } from '@tablelab/shared';
import type { ChainLimits } from '../src/core/limits.ts';

/** The session time-out of all runs, in milliseconds. */
export const sessionTimeoutMs = 1_000;

/** How long faults happen, in milliseconds, and how many faults and operations of each client there are. */
const shortRun = { chaosMs: 6_000, faultsMax: 9, operations: 35 };
const longRun = { chaosMs: 20_000, faultsMax: 30, operations: 70 };
const clients = 3;

const valueBytesMin = 2;

/** A table of this size never fills up. */
const largeBytes = 1 << 20;

export interface ClientSetup {
  readonly window: number;
  readonly thinkMs: number;
  readonly deadlineMs: number;
}

/** The setup of a run without its faults. It depends only on the seed. */
export interface RunSetup {
  readonly chaosMs: number;
  readonly faultsMax: number;
  /** The number of operations of each client. */
  readonly operations: number;
  /** The start times of the first servers, in milliseconds. */
  readonly starts: readonly number[];
  readonly keys: readonly string[];
  readonly clients: readonly ClientSetup[];
  /** The percentage of operations that read all keys. */
  readonly wideReads: number;
  /** Clients of the original format, by the answer that they request. */
  readonly plain: readonly ('assigned' | 'committed')[];
  readonly onTotalLoss: 'wait' | 'start-empty';
  readonly totalLossGraceMs: number;
  readonly limits: Partial<ChainLimits>;
  /** The number of the first server that enters the chain. */
  readonly firstNumber: number;
  /** The largest number of writes that wait for a server's table. */
  readonly queueMax: number;
  readonly writeTimeoutMs: number;
  /** Whether the table fills up. */
  readonly isTight: boolean;
  /** The logical capacity of the table of the server at a place. */
  readonly capacityBytesOf: (place: number) => number;
  /** The longest value, in bytes. */
  readonly valueBytesMax: number;
}

export function setupOf(seed: number): RunSetup {
  const random = seededRandom(seed ^ 0x2545f491);
  const oneIn = (count: number) => random.int(count) === 0;
  const length = oneIn(6) ? longRun : shortRun;
  const servers = 1 + random.int(4);
  const keys = ['a', 'b', 'c', 'd', 'e'].slice(0, 1 + random.int(5));
  const isTight = oneIn(5);
  // Room for the smallest value under each key, and a little more.
  const tightBytes = keys.length * (entryOverheadBytes + 1 + valueBytesMin);
  return {
    ...length,
    starts: Array.from({ length: servers }, () => (oneIn(2) ? 0 : random.int(400))),
    keys,
    clients: Array.from({ length: clients }, () => ({
      window: 1 + random.int(4),
      thinkMs: random.pick([5, 30, 150]),
      deadlineMs: (1 + random.int(6)) * sessionTimeoutMs,
    })),
    wideReads: oneIn(4) ? 8 : 0,
    plain: oneIn(3) ? [random.pick(['assigned', 'committed'])] : oneIn(6) ? ['assigned', 'committed'] : [],
    onTotalLoss: oneIn(4) ? 'start-empty' : 'wait',
    limits: limitsOf(random),
    firstNumber: oneIn(4) ? 7 + random.int(3) : 0,
    queueMax: oneIn(4) ? 1 + random.int(4) : 1_000,
    writeTimeoutMs: oneIn(5) ? 20 + random.int(500) : 30 * sessionTimeoutMs,
    isTight,
    capacityBytesOf: isTight ? unequal(random, tightBytes) : () => largeBytes,
    valueBytesMax: isTight ? valueBytesMin + random.int(150) : valueBytesMin,
    totalLossGraceMs: oneIn(2) ? sessionTimeoutMs : 4 * sessionTimeoutMs,
  };
}

/**
 * Servers with different memory sizes of at least `leastBytes`: one may be too small for a chain that another has
 * founded.
 */
function unequal(random: Random, leastBytes: number): RunSetup['capacityBytesOf'] {
  const bytes = leastBytes + random.int(150);
  if (random.int(2) === 0) return () => bytes;
  const more = [0, random.int(100), random.int(100), random.int(100)] as const;
  return (place) => bytes + (more[place % more.length] as number);
}

/** Small limits, so that a short run reaches them. */
function limitsOf(random: Random): Partial<ChainLimits> {
  const isByBytes = random.int(3) === 0;
  const logBytesMax = 200 + random.int(3_000);
  return {
    batchUpdatesMax: 1 + random.int(4),
    redialDelayMs: 20,
    chunksUnderWayMax: 1 + random.int(3),
    chunkLagUpdatesMax: 1 + random.int(8),
    lagUpdatesMax: 16 + random.int(64),
    logUpdatesMax: 4 + random.int(60),
    conditionUpdatesMax: random.int(4) === 0 ? random.int(4) : 1_000,
    windowUpdatesMax: random.int(3) === 0 ? 1_000 : random.int(12),
    sessionsMax: random.int(4) === 0 ? 2 + random.int(3) : 100,
    outcomesPerSessionMax: 4 + random.int(8),
    ...(isByBytes
      ? {
          logBytesMax,
          batchBytesMax: 200 + random.int(600),
          lagBytesMax: 2 * logBytesMax + random.int(2_000),
        }
      : {}),
  };
}
