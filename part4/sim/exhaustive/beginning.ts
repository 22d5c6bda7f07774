import { defaultChainLimits } from '../../src/core/limits.ts';
import type { HistoryNode } from '../history-tree.ts';
import type { CoreClass } from '../server.ts';
import { Server, sessionOf } from './parts.ts';
import type { ZooKeeperState } from './zookeeper-state.ts';

export const chain = 'c0ffee0000000000';
const capacityBytes = 1 << 30;

export function newServer(Core: CoreClass, id: number, history: HistoryNode): Server {
  const core = new Core({
    address: `s${id}`,
    member: `m${id}`,
    newChain: chain,
    onTotalLoss: 'wait',
    totalLossGraceMs: 1_000,
    capacityBytes,
    limits: defaultChainLimits,
  });
  return new Server(`s${id}`, core, history);
}

/** A state in which all servers are in the chain and its record. */
export function stateOf(servers: number): ZooKeeperState {
  const ids = Array.from({ length: servers }, (_, id) => id);
  return {
    joining: [],
    joiningCreated: 0,
    joiningVersion: 0,
    view: { version: servers, servers: ids.map((id) => ({ id, address: `s${id}`, session: sessionOf(id) })) },
    viewCreated: servers,
    record: {
      chain,
      epochBase: 0,
      serial: 1,
      view: servers,
      members: ids.map((id) => ({ id, member: `m${id}` })),
      capacityBytes,
    },
    recordVersion: 1,
  };
}
