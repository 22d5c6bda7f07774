import { type Random, seededRandom } from '@tablelab/shared';
import type { DirectoryChange } from '../src/core/directory.ts';
import type { ChainEffect, WriteReply } from '../src/core/effects.ts';
import type { ChainMessage } from '../src/core/messages.ts';

export const faultKinds = [
  'crash',
  'pause',
  'break-links',
  'break-clients',
  'cut-one-way',
  'cut-both-ways',
  'isolate',
  'cut-zookeeper',
  'zookeeper-down',
  'zookeeper-wiped',
  'zookeeper-stall',
  'lose-reply',
  'slow-link',
  'slow-table',
  'join',
  'leave',
  'pause-all',
  'record-emptied',
  'member-gone',
] as const;

/** What happens to machines whose servers keep their data on disk. */
export const diskFaultKinds = [
  'power-cut',
  'power-cut-all',
  'slow-disk',
  'sync-fails',
  'disk-full',
  'bit-rot',
] as const;

/** Faults that most runs are without: each takes up much of a run. */
const rareKinds: ReadonlySet<FaultKind> = new Set(['pause-all', 'record-emptied', 'member-gone', 'bit-rot']);

/** One run in so many has a rare fault. */
const rarity = 6;

export type FaultKind = (typeof faultKinds)[number] | (typeof diskFaultKinds)[number];

/** Effects of a core that some faults wait for. */
export const triggers = [
  'send hello',
  'send welcome',
  'send snapshot',
  'send chunk',
  'send invite',
  'send handover',
  'send updates',
  'send ack',
  'wipe',
  'execute',
  'reply committed',
  'reply unknown',
  'change join',
  'change enter',
  'change record',
  'change withdraw',
  'dial',
] as const satisfies readonly EffectName[];

export type Trigger = (typeof triggers)[number];

/** The short name of an effect. */
export type EffectName =
  | ChainEffect['type']
  | `send ${ChainMessage['type']}`
  | `reply ${WriteReply['type']}`
  | `change ${DirectoryChange['type']}`;

export interface Fault {
  /** Identifies it in this run, so that the run can be repeated with only some of its faults. */
  readonly id: number;
  readonly kind: FaultKind;
  /** Either at a time, or after a delay from the `nth` occurrence of an effect; in milliseconds. */
  readonly when:
    | { readonly type: 'at'; readonly atMs: number }
    | { readonly type: 'after'; readonly trigger: Trigger; readonly nth: number; readonly delayMs: number };
  /** The place of the server. With `isOwn`, a fault that waits for an effect hits the server of that effect. */
  readonly server: number;
  readonly isOwn: boolean;
  readonly other: number;
  readonly durationMs: number;
  /** A number from 0 to 1 for the fault's other choices. */
  readonly chance: number;
}

export interface FaultPlanOptions {
  readonly seed: number;
  readonly kinds: readonly FaultKind[];
  readonly servers: number;
  readonly sessionTimeoutMs: number;
  readonly countMax: number;
  /** No fault starts after this time. */
  readonly endMs: number;
}

/** The faults of a run, which depend only on the seed. Half of them follow closely after another one. */
export function planFaults(options: FaultPlanOptions): readonly Fault[] {
  const { servers, sessionTimeoutMs, endMs } = options;
  const kinds = options.kinds.filter((kind) => !rareKinds.has(kind));
  const rare = planRareFault(options);
  if (kinds.length === 0) return rare;
  const random = seededRandom(options.seed ^ 0x5f3759df);
  const count = 1 + random.int(options.countMax);
  // A run has few kinds of faults: many faults of the same kind find more bugs than a few of each kind.
  const chosen = Array.from({ length: 1 + random.int(5) }, () => random.pick(kinds));
  let atMs = 0;
  const faults = Array.from({ length: count }, (_, id): Fault => {
    const isClose = id > 0 && random.int(2) === 0;
    atMs = isClose ? atMs + random.int(80) : random.int(endMs);
    const delayMs = random.int(2) === 0 ? 0 : random.int(20);
    const trigger = random.pick(triggers);
    const nth = 1 + random.int(random.int(2) === 0 ? 3 : 12);
    return {
      id,
      kind: random.pick(chosen),
      when: random.int(3) === 0 ? { type: 'after', trigger, nth, delayMs } : { type: 'at', atMs },
      server: random.int(servers),
      isOwn: random.int(2) === 0,
      other: random.int(servers),
      durationMs: Math.round(durationShare(random) * sessionTimeoutMs),
      chance: random.int(1000) / 1000,
    };
  });
  return [...faults, ...rare.map((fault) => ({ ...fault, id: count }))];
}

/** None or one. Its own random numbers, so that the other faults of a seed do not depend on it. */
function planRareFault({ seed, kinds, servers, sessionTimeoutMs, endMs }: FaultPlanOptions): Fault[] {
  const random = seededRandom(seed ^ 0x3c6ef372);
  const chosen = kinds.filter((kind) => rareKinds.has(kind));
  if (chosen.length === 0 || random.int(rarity) > 0) return [];
  const fault: Fault = {
    id: 0,
    kind: random.pick(chosen),
    when: { type: 'at', atMs: random.int(endMs) },
    server: random.int(servers),
    isOwn: false,
    other: random.int(servers),
    durationMs: Math.round(durationShare(random) * sessionTimeoutMs),
    chance: random.int(1000) / 1000,
  };
  return [fault];
}

/** A fraction of the session's time-out: short, about equal, or much longer. */
function durationShare(random: Random): number {
  const low = random.pick([0.02, 0.5, 1, 2]);
  return low + (random.int(100) / 100) * low;
}

export function describeFault({ id, kind, when, server, isOwn, other, durationMs }: Fault): string {
  const time =
    when.type === 'at' ? `at ${when.atMs} ms` : `${when.delayMs} ms after the ${when.nth}. ${when.trigger}`;
  const place = when.type === 'after' && isOwn ? 'there' : `at server ${server}`;
  return `${id} ${kind} ${place} (other: ${other}), ${time}, for ${durationMs} ms`;
}
