import { unreachable } from '@tablelab/shared';
import type { ChainEffect } from '../src/core/effects.ts';
import { SimAdmin } from './admin.ts';
import type { Cluster } from './cluster.ts';
import type { EffectName, Fault, FaultKind } from './faults.ts';
import { type SimServer, simReserveBytes } from './server.ts';
import { zooKeeperHost } from './zookeeper-protocol.ts';

/** Starts the faults of a run in time, and counts those that really happened. */
export class Injector {
  readonly #cluster: Cluster;
  readonly #waiting: Fault[];
  readonly #seen = new Map<EffectName, number>();
  readonly happened = new Map<FaultKind, number>();
  readonly #admin: SimAdmin;
  #isOver = false;

  constructor(cluster: Cluster, faults: readonly Fault[]) {
    this.#cluster = cluster;
    this.#admin = new SimAdmin(cluster);
    this.#waiting = faults.filter(({ when }) => when.type === 'after');
    for (const fault of faults) {
      if (fault.when.type === 'at')
        cluster.world.schedule(fault.when.atMs, () => this.#setOff(fault, fault.server));
    }
  }

  /** An effect of a core, which some faults wait for. */
  onEffect(server: SimServer, effect: ChainEffect): void {
    if (this.#waiting.length === 0) return;
    const done = nameOf(effect);
    const count = (this.#seen.get(done) ?? 0) + 1;
    this.#seen.set(done, count);
    for (const fault of this.#waiting) {
      const { when } = fault;
      if (when.type !== 'after' || when.trigger !== done || when.nth !== count) continue;
      const place = fault.isOwn ? this.#cluster.placeOf(server) : fault.server;
      if (when.delayMs === 0) this.#setOff(fault, place);
      else this.#cluster.world.schedule(when.delayMs, () => this.#setOff(fault, place));
    }
  }

  /** Starts no more faults. */
  end(): void {
    this.#isOver = true;
  }

  #setOff(fault: Fault, place: number): void {
    if (this.#isOver || !this.#act(fault, place)) return;
    this.#cluster.world.trace(() => `fault ${fault.id} ${fault.kind} at ${place}, other ${fault.other}`);
    this.happened.set(fault.kind, (this.happened.get(fault.kind) ?? 0) + 1);
  }

  /** Returns false if it cannot happen now. */
  #act({ kind, other, durationMs, chance }: Fault, place: number): boolean {
    const cluster = this.#cluster;
    const { world, zooKeeper, network } = cluster;
    const server = cluster.serverIn(place);
    const disk = cluster.diskOf(place);
    const host = cluster.hostOf(place);
    const otherHost = cluster.hostOf(other);
    const later = (undo: () => void) => world.schedule(durationMs, undo);
    switch (kind) {
      case 'crash':
        if (server === undefined || (disk === undefined && !cluster.canLose(server))) return false;
        cluster.kill(place);
        later(() => cluster.start(place));
        return true;
      case 'pause':
        if (server === undefined || server.process.isFrozen) return false;
        server.process.freeze();
        later(() => server.process.wake());
        return true;
      case 'break-links': {
        const ends = network.between(host, otherHost);
        for (const end of ends) (chance < 0.5 ? end : end.peer).break('broken');
        return ends.length > 0;
      }
      case 'break-clients': {
        const ends = network.at(host).filter(({ peer }) => cluster.isClient(peer.host));
        for (const { peer } of ends) peer.break('broken');
        return ends.length > 0;
      }
      case 'cut-one-way':
        if (place === other) return false;
        cluster.cut([[host, otherHost]], durationMs);
        return true;
      case 'cut-both-ways':
        if (place === other) return false;
        cluster.cut(
          [
            [host, otherHost],
            [otherHost, host],
          ],
          durationMs,
        );
        return true;
      case 'isolate':
        cluster.cut(
          cluster.hosts
            .filter((to) => to !== host)
            .flatMap(
              (to) =>
                [
                  [host, to],
                  [to, host],
                ] as const,
            ),
          durationMs,
        );
        return true;
      case 'cut-zookeeper': {
        const ways: [string, string][] = [
          [host, zooKeeperHost],
          [zooKeeperHost, host],
        ];
        cluster.cut(chance < 0.6 ? ways : ways.slice(chance < 0.8 ? 0 : 1).slice(0, 1), durationMs);
        return true;
      }
      case 'zookeeper-down':
        if (!zooKeeper.isUp) return false;
        zooKeeper.goDown();
        later(() => zooKeeper.comeUp({ wiped: false }));
        return true;
      case 'zookeeper-wiped':
        if (!zooKeeper.isUp || !cluster.canLoseZooKeeper()) return false;
        zooKeeper.goDown();
        zooKeeper.comeUp({ wiped: true });
        return true;
      case 'zookeeper-stall':
        zooKeeper.stall(Math.floor(chance * 3), durationMs);
        return true;
      case 'lose-reply':
        zooKeeper.loseNextReplyOf.add(host);
        return true;
      case 'slow-link':
        for (const [from, to] of [
          [host, otherHost],
          [otherHost, host],
        ] as const) {
          network.slow(from, to, 2 + 30 * chance);
          later(() => network.slow(from, to, 1));
        }
        return place !== other;
      case 'slow-table':
        if (server === undefined) return false;
        server.table.slowness = 5 + 100 * chance;
        later(() => {
          server.table.slowness = 1;
        });
        return true;
      case 'join':
        return cluster.startAnother();
      case 'leave':
        if (server === undefined || !cluster.canLose(server)) return false;
        server.leave();
        return true;
      case 'pause-all': {
        const { servers } = cluster;
        for (const { process } of servers) process.freeze();
        later(() => {
          for (const { process } of servers) process.wake();
        });
        // An empty one, which finds nobody.
        cluster.startAnother();
        return servers.length > 0;
      }
      case 'record-emptied':
        // Somebody is there who has read it, and writes it again.
        if (!cluster.servers.some(({ core }) => core.isMember)) return false;
        this.#admin.emptyRecord();
        return true;
      case 'member-gone':
        if (server === undefined || !zooKeeper.isUp) return false;
        if (!cluster.canLoseZooKeeper() || !cluster.canLose(server)) return false;
        server.crash();
        disk?.erase();
        zooKeeper.goDown();
        zooKeeper.comeUp({ wiped: true });
        cluster.isRecoveryOrdered = true;
        this.#admin.recover();
        // Empty, and only once there is a record again.
        later(() => cluster.start(place));
        return true;
      case 'power-cut':
        if (disk === undefined || !cluster.kill(place)) return false;
        disk.cutPower();
        later(() => cluster.start(place));
        return true;
      case 'power-cut-all':
        return this.#cutAllPower({ durationMs, withZooKeeper: chance < 0.5 });
      case 'slow-disk':
        if (disk === undefined) return false;
        disk.slowness = 5 + 100 * chance;
        later(() => {
          disk.slowness = 1;
        });
        return true;
      case 'sync-fails':
        if (disk === undefined) return false;
        disk.isNextSyncFailing = true;
        return true;
      case 'disk-full':
        if (disk === undefined) return false;
        // Below the reserve, below what a server behind the head needs, or full.
        disk.fill(chance < 0.3 ? simReserveBytes * 0.8 : chance < 0.5 ? simReserveBytes * 0.2 : 0);
        later(() => disk.makeRoom());
        return true;
      case 'bit-rot':
        // The others must have everything.
        if (disk === undefined || server === undefined || !cluster.canLose(server)) return false;
        cluster.kill(place);
        later(() => cluster.start(place));
        return disk.rot() !== undefined;
      default:
        return unreachable(kind);
    }
  }

  #cutAllPower({ durationMs, withZooKeeper }: { durationMs: number; withZooKeeper: boolean }): boolean {
    const { world, zooKeeper, places } = this.#cluster;
    if (this.#cluster.diskOf(0) === undefined) return false;
    for (let place = 0; place < places; place += 1) {
      this.#cluster.kill(place);
      this.#cluster.diskOf(place)?.cutPower();
      world.schedule(durationMs + world.between(0, 500), () => this.#cluster.start(place));
    }
    if (withZooKeeper && zooKeeper.isUp) {
      zooKeeper.goDown();
      world.schedule(durationMs + world.between(0, 500), () => {
        if (!zooKeeper.isUp) zooKeeper.comeUp({ wiped: false });
      });
    }
    return true;
  }
}

function nameOf(effect: ChainEffect): EffectName {
  switch (effect.type) {
    case 'send':
      return `send ${effect.message.type}`;
    case 'reply':
      return `reply ${effect.reply.type}`;
    case 'change-directory':
      return `change ${effect.change.type}`;
    default:
      return effect.type;
  }
}
