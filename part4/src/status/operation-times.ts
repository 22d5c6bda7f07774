import { Opcode, operations, type Reply } from '@tablelab/part2/wire';
import { Deferred } from '@tablelab/part3/deferred';

/**
 * What a server says of the operations of its clients since it started: how many it has done, and how long some of them took, from
 * the request to the reply. Errors do not count: only the head does writes, and only the tail does reads.
 */
export interface OperationFigures {
  readonly done: number;
  /** Pairs of a bucket and how many times fell into it, see {@link bucketMs}. A bucket without any is left out. */
  readonly times: readonly (readonly [bucket: number, count: number])[];
}

type Kind = 'reads' | 'writes';

export const operationKinds: readonly Kind[] = ['reads', 'writes'];

const bucketsPerDoubling = 4;

/** The last one holds all that took longer: half a minute. */
const bucketMax = 25 * bucketsPerDoubling;

const microsecondsPerMs = 1_000;

/** A time is measured at most for about this many operations of a kind between two requests for the figures … */
const samplesWanted = 1_000;
/** … and never for more: after the last request, nothing needs them. */
const samplesMax = 4 * samplesWanted;

/** The upper bound of a bucket in milliseconds. The next one's is a fifth more. */
export function bucketMs(bucket: number): number {
  return 2 ** (bucket / bucketsPerDoubling) / microsecondsPerMs;
}

function bucketOf(milliseconds: number): number {
  const bucket = Math.ceil(Math.log2(milliseconds * microsecondsPerMs) * bucketsPerDoubling);
  return Math.min(Math.max(bucket, 0), bucketMax);
}

/** The smallest bound, in milliseconds, that `share` of the times do not exceed; undefined without any. */
export function quantileMs(times: OperationFigures['times'], share: number): number | undefined {
  const sorted = times.toSorted(([one], [other]) => one - other);
  const all = sorted.reduce((sum, [, count]) => sum + count, 0);
  let met = 0;
  for (const [bucket, count] of sorted) {
    met += count;
    if (count > 0 && met >= share * all) return bucketMs(bucket);
  }
  return undefined;
}

interface Tally {
  done: number;
  readonly times: Uint32Array;
  /** `done` when the figures were last asked for. */
  doneBefore: number;
  /** Every how many operations one is measured, and how many are left to the next one. */
  stride: number;
  untilNext: number;
  samplesLeft: number;
}

function newTally(): Tally {
  return {
    done: 0,
    times: new Uint32Array(bucketMax + 1),
    doneBefore: 0,
    stride: 1,
    untilNext: 1,
    samplesLeft: 0,
  };
}

/** The operations that count, by the opcode of the request. */
const kinds = new Map<number, Kind>(
  Object.values(operations)
    .filter((operation) => operation !== operations.status)
    .map(({ opcode, access }) => [opcode, access === 'read' ? 'reads' : 'writes']),
);

/**
 * Counts operations and measures some of them. While nobody asks for the figures nothing is measured, because reading the clock twice
 * costs a part of what a read costs. Afterwards the measured ones are spread evenly.
 */
export class OperationTimes {
  readonly #tallies = { reads: newTally(), writes: newTally() };
  readonly #now: () => number;

  /** `now`: in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts a reply. */
  add({ opcode }: Pick<Reply, 'opcode'>): void {
    const kind = kinds.get(opcode - 1);
    if (kind !== undefined) this.#tallies[kind].done += 1;
  }

  /** Whether the request that has come is to be done by {@link measure}. */
  isDue(opcode: number): boolean {
    const kind = kinds.get(opcode);
    if (kind === undefined) return false;
    const tally = this.#tallies[kind];
    if (tally.samplesLeft === 0) return false;
    tally.untilNext -= 1;
    if (tally.untilNext > 0) return false;
    tally.untilNext = tally.stride;
    tally.samplesLeft -= 1;
    return true;
  }

  /** Does a request, and keeps how long it took. */
  measure(opcode: number, invoke: () => Reply | Deferred<Reply>): Reply | Deferred<Reply> {
    const kind = kinds.get(opcode);
    if (kind === undefined) return invoke();
    const startedAt = this.#now();
    const end = (reply: Reply) => {
      if (reply.opcode !== Opcode.OP_ERROR) {
        const { times } = this.#tallies[kind];
        const bucket = bucketOf(this.#now() - startedAt);
        times[bucket] = (times[bucket] ?? 0) + 1;
      }
      return reply;
    };
    const reply = invoke();
    return reply instanceof Deferred ? reply.map(end) : end(reply);
  }

  /** From now on, operations are measured. */
  figures(): Readonly<Record<Kind, OperationFigures>> {
    return { reads: this.#figures('reads'), writes: this.#figures('writes') };
  }

  #figures(kind: Kind): OperationFigures {
    const tally = this.#tallies[kind];
    tally.stride = Math.max(1, Math.floor((tally.done - tally.doneBefore) / samplesWanted));
    tally.untilNext = Math.min(tally.untilNext, tally.stride);
    tally.doneBefore = tally.done;
    tally.samplesLeft = samplesMax;
    const times = [...tally.times].flatMap((count, bucket) =>
      count === 0 ? [] : [[bucket, count] as const],
    );
    return { done: tally.done, times };
  }
}
