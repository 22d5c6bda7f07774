import type { ChainCore } from '../core/chain-core.ts';
import { noEntry } from '../core/condition.ts';
import { obstacleIn } from '../core/obstacle.ts';
import type { WriteRequest } from '../core/update.ts';

/** Whether the head takes writes is asked with the smallest one. It is not carried out. */
const anyWrite: WriteRequest = {
  op: 'open',
  key: '',
  data: new Uint8Array(0),
  client: '',
  request: 0,
  firstIncomplete: 0,
};

/** Codes of a server that serves nobody, as opposed to one that has no room, or to one that another role would suit better. */
const unready: ReadonlySet<string> = new Set(['NOT_READY', 'SHUTTING_DOWN']);

/**
 * Why this server cannot do its part in the chain at `now`; undefined if it can: it is a member, its lease is valid, and as
 * head it takes writes, as tail it answers reads. `now`: the clock of the core's leases, in milliseconds.
 */
export function unreadinessOf(core: ChainCore, now: number): string | undefined {
  const { membership, memory } = core.state;
  if (membership.type === 'over') return 'this server has left the chain';
  if (memory.isLeaving) return 'this server is leaving the chain';
  if (!core.isMember) return obstacleIn(core.state) ?? 'this server is not a member of the chain yet';
  const refusals = [
    core.readRefusal(now),
    core.isHead ? core.writeRefusal(anyWrite, noEntry, now) : undefined,
  ];
  return refusals.find((refusal) => refusal !== undefined && unready.has(refusal.code))?.detail;
}
