import { addGauge } from '@tablelab/part3';
import { Gauge, type Registry } from 'prom-client';
import type { ChainCore } from '../../core/chain-core.ts';
import type { Downstream } from '../../core/downstream.ts';
import { leaseLeftMs, roleOf, roles } from '../../status/role.ts';
import { unreadinessOf } from '../readiness.ts';

const msPerSecond = 1_000;

/** Adds the figures of a server's part in the chain. `now`: the clock of the core's leases, in milliseconds. */
export function addChainMetrics(registry: Registry, core: ChainCore, now: () => number): void {
  new Gauge({
    name: 'tablelab_chain_role',
    help: '1 for the role of this server, 0 for the others; alone: head and tail; joining: not a member',
    labelNames: ['role'],
    registers: [registry],
    collect() {
      for (const role of roles) this.set({ role }, roleOf(core) === role ? 1 : 0);
    },
  });
  addGauge(registry, {
    name: 'tablelab_chain_servers',
    help: 'Servers in the view that this server acts on',
    read: () => core.view?.servers.length ?? 0,
  });
  addGauge(registry, {
    name: 'tablelab_chain_view_version',
    help: 'Version of the view that this server acts on; -1: none',
    read: () => core.view?.version ?? -1,
  });
  addGauge(registry, {
    name: 'tablelab_chain_lease_seconds',
    help: 'How long this server may still act as head or tail without another heartbeat',
    read: () => leaseLeftMs(core, now()) / msPerSecond,
  });
  addGauge(registry, {
    name: 'tablelab_chain_unsettled_bytes',
    help: 'Updates that are not known to be executed by the whole chain',
    read: () => core.state.history.log.unsettledBytes,
  });
  addGauge(registry, {
    name: 'tablelab_chain_client_sessions',
    help: 'Client sessions that the chain remembers',
    read: () => core.state.history.sessions.byClient.size,
  });
  addGauge(registry, {
    name: 'tablelab_chain_log_bytes',
    help: 'Updates that this server keeps in memory, for servers that were away',
    read: () => core.state.history.log.windowBytes + core.state.history.log.unsettledBytes,
  });
  addGauge(registry, {
    name: 'tablelab_chain_ready',
    help: '1: a member of the chain that serves its role, as /readyz says; 0: not',
    read: () => (unreadinessOf(core, now()) === undefined ? 1 : 0),
  });
  new Gauge({
    name: 'tablelab_chain_lag_updates',
    help: 'Updates between two neighbours. predecessor: received and not executed here; successor, joining: here and not known to be executed there',
    labelNames: ['neighbour'],
    registers: [registry],
    collect() {
      const { successor, admission } = core.state.outbound;
      this.set({ neighbour: 'predecessor' }, core.received - core.executed);
      this.set({ neighbour: 'successor' }, lagOf(core, successor));
      this.set({ neighbour: 'joining' }, lagOf(core, admission));
    },
  });
  // Gauges: a server that joins anew begins anew.
  addGauge(registry, {
    name: 'tablelab_chain_updates_received',
    help: 'Updates of the history that this server has',
    read: () => core.received,
  });
  addGauge(registry, {
    name: 'tablelab_chain_updates_executed',
    help: 'Updates of the history that this server has executed',
    read: () => core.executed,
  });
  addGauge(registry, {
    name: 'tablelab_chain_updates_stable',
    help: 'Updates of the history that the whole chain is known to have executed',
    read: () => core.stable,
  });
}

/** 0 without such a server. It is known to have what the whole chain has, and what it has reported over its link. */
function lagOf(core: ChainCore, { state }: Downstream): number {
  if (state.type === 'none') return 0;
  return core.received - Math.max(core.stable, state.type === 'open' ? state.executed : 0);
}
