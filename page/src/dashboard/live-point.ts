import {
  type ListedServer,
  type OperationFigures,
  operationKinds,
  quantileMs,
  type ServerStatus,
  statusOf,
} from '@tablelab/part4/live';
import type { LivePoint, Quantiles } from './live-messages.ts';

const msPerSecond = 1_000;

interface Done {
  perSecond: number;
  /** How many times fell into each bucket. */
  readonly times: Map<number, number>;
  isKnown: boolean;
}

/**
 * What happened between two answers of each server. A server that did not answer twice, or was started again meanwhile, counts for
 * nothing; each server's own clock says how long it was.
 */
export function livePoint(
  at: number,
  before: readonly ListedServer[],
  now: readonly ListedServer[],
): LivePoint {
  const done = {
    reads: { perSecond: 0, times: new Map<number, number>(), isKnown: false },
    writes: { perSecond: 0, times: new Map<number, number>(), isKnown: false },
  };
  for (const server of now) {
    const last = statusOf(before.find(({ address }) => address === server.address));
    const status = statusOf(server);
    if (last !== undefined && status !== undefined) addDone(done, last, status);
  }
  return {
    at,
    reads: done.reads.isKnown ? done.reads.perSecond : undefined,
    writes: done.writes.isKnown ? done.writes.perSecond : undefined,
    readMs: quantilesOf(done.reads.times),
    writeMs: quantilesOf(done.writes.times),
  };
}

function addDone(
  done: Readonly<Record<'reads' | 'writes', Done>>,
  last: ServerStatus,
  status: ServerStatus,
): void {
  const elapsedMs = status.upMs - last.upMs;
  if (elapsedMs <= 0 || last.operations === undefined || status.operations === undefined) return;
  for (const kind of operationKinds) {
    const [from, to] = [last.operations[kind], status.operations[kind]];
    done[kind].isKnown = true;
    done[kind].perSecond += (Math.max(0, to.done - from.done) * msPerSecond) / elapsedMs;
    addTimes(done[kind].times, from, to);
  }
}

function addTimes(times: Map<number, number>, from: OperationFigures, to: OperationFigures): void {
  const earlier = new Map(from.times);
  for (const [bucket, count] of to.times) {
    const more = count - (earlier.get(bucket) ?? 0);
    if (more > 0) times.set(bucket, (times.get(bucket) ?? 0) + more);
  }
}

function quantilesOf(counts: ReadonlyMap<number, number>): Quantiles | undefined {
  const times = [...counts];
  const [p50, p99, p999] = [quantileMs(times, 0.5), quantileMs(times, 0.99), quantileMs(times, 0.999)];
  return p50 === undefined || p99 === undefined || p999 === undefined ? undefined : [p50, p99, p999];
}
