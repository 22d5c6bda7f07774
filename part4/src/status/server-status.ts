import { results } from '@tablelab/part2/results';
import { operations as allOperations, type Message, type Reply } from '@tablelab/part2/wire';
import { errorText, TableError } from '@tablelab/shared';
import { z } from 'zod';
import type { CoreDriver } from '../adapters/core-driver.ts';
import { obstacleIn } from '../core/obstacle.ts';
import type { OperationTimes } from './operation-times.ts';
import { leaseLeftMs, roleOf, roles } from './role.ts';

const count = z.int().min(0);

/** More buckets of times than any version has, see {@link OperationFigures}. */
const timesMax = 1_000;

const operations = z.object({ done: count, times: z.array(z.tuple([count, count])).max(timesMax) });

/** Fields that a later version adds are ignored. */
const schema = z.object({
  role: z.enum(roles),
  /** Its number in the chain; null: it acts on no view. */
  id: count.nullable(),
  chain: z.string().nullable(),
  /** Of the view that it acts on; -1: none. */
  viewVersion: z.int().min(-1),
  /** What it waits for, as a text; null: nothing. */
  obstacle: z.string().nullable(),
  /** How long it may still act as head or tail without another heartbeat. */
  leaseMs: z.number().min(0),
  /** Updates of the history that it has, has executed, and knows to be executed by the whole chain. */
  received: count,
  executed: count,
  stable: count,
  entries: count,
  tableBytes: count,
  /** Updates that are not known to be executed by the whole chain. */
  unsettledBytes: count,
  sessions: count,
  /** Since its program started. */
  upMs: z.number().min(0),
  /** What its clients have had done. An earlier version does not say, nor does a simulated server. */
  operations: z.object({ reads: operations, writes: operations }).optional(),
});

/** What a server says of itself to a client (`OP_STATUS`). */
export interface ServerStatus extends Readonly<Omit<z.infer<typeof schema>, 'operations'>> {
  readonly operations?: ReturnType<OperationTimes['figures']> | undefined;
}

interface StatusSources {
  /** On the clock of the core's leases, in milliseconds, like `startedAt`. */
  readonly now: number;
  readonly startedAt: number;
  readonly times?: OperationTimes | undefined;
}

export function statusOf(
  { core, table }: CoreDriver,
  { now, startedAt, times }: StatusSources,
): ServerStatus {
  const { history } = core.state;
  return {
    role: roleOf(core),
    id: core.id ?? null,
    chain: core.chain ?? null,
    viewVersion: core.view?.version ?? -1,
    obstacle: obstacleIn(core.state) ?? null,
    leaseMs: Math.round(leaseLeftMs(core, now)),
    received: core.received,
    executed: core.executed,
    stable: core.stable,
    entries: table?.size ?? 0,
    tableBytes: history.tableBytes,
    unsettledBytes: history.log.unsettledBytes,
    sessions: history.sessions.byClient.size,
    upMs: Math.round(now - startedAt),
    operations: times?.figures(),
  };
}

export function statusReply(status: ServerStatus): Reply {
  const { opcode, reply } = allOperations.status;
  return { opcode: opcode + 1, c_type: reply, found: true, data: Buffer.from(JSON.stringify(status)) };
}

/** @throws TableError: the server's error, or INTERNAL for a reply that is no status */
export function statusIn(reply: Message): ServerStatus {
  const data = results.status(reply);
  try {
    return schema.parse(JSON.parse(Buffer.from(data ?? []).toString()));
  } catch (cause) {
    throw new TableError('INTERNAL', `this is no server’s status: ${errorText(cause)}`, { cause });
  }
}
