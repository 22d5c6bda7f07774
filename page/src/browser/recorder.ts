import { leaseLeftMs, roleOf } from '@tablelab/part4/role';
import { contentOf } from '@tablelab/part4/sim/message-content';
import type { Moment, RunResult } from '@tablelab/part4/sim/run-seed';
import { must } from '@tablelab/shared';
import { zooKeeperHost } from './chain-layout.ts';
import { ClientCalls } from './client-calls.ts';
import { editResult } from './edit-result.ts';
import { messageJson } from './message-json.ts';
import { noOrderIn, operationPicture } from './operation-pictures.ts';
import type {
  Flight,
  Frame,
  Recording,
  ServerPicture,
  SessionPicture,
  ZooKeeperPicture,
} from './recording.ts';

type Server = Moment['cluster']['servers'][number];

type Ended = Pick<RunResult, 'seed' | 'hash' | 'steps' | 'failure' | 'failureStep' | 'endMs' | 'operations'> &
  Partial<Pick<RunResult, 'edits'>>;

interface UnderWay extends Omit<Flight, 'arrivedMs' | 'isLost'> {
  arrivedMs: number;
  isLost: boolean;
}

/** Looks at a run before each of its events, and keeps a frame wherever something has changed that the page shows. */
export class Recorder {
  readonly #frames: Frame[] = [];
  readonly #flights: UnderWay[] = [];
  /** By the number of the item. */
  #underWay = new Map<number, UnderWay>();
  readonly #faults: number[] = [];
  readonly #calls = new ClientCalls();
  #moment: Moment | undefined;
  #serversMax = 0;
  #sessionsMax = 0;
  #linesSeen = 0;
  #shown = '';
  #clients: readonly string[] = [];
  #hosts: readonly string[] = [];
  /** The last picture of each server, by its text: frames share what has not changed. */
  readonly #servers = new Map<string, { readonly text: string; readonly picture: ServerPicture }>();

  look(moment: Moment): void {
    this.#moment = moment;
    const { world, cluster } = moment;
    this.#follow(world.now, cluster.network.underWay());
    const lines = world.lines.slice(this.#linesSeen);
    this.#linesSeen = world.lines.length;
    for (const line of lines) this.#calls.take(line);
    const running = inOrder(cluster.servers);
    this.#serversMax = Math.max(this.#serversMax, running.length);
    const zooKeeper = zooKeeperPicture(cluster.zooKeeper);
    const cuts = cutsOf(cluster);
    const servers = running.map((server) => this.#pictureOf(server));
    const sessions = sessionsOf(cluster);
    this.#sessionsMax = Math.max(this.#sessionsMax, sessions.length);
    const shown = JSON.stringify([servers, zooKeeper, cuts, sessions.map(({ id }) => id)]);
    if (lines.length === 0 && shown === this.#shown) return;
    this.#shown = shown;
    this.#clients = cluster.hosts.filter((host) => cluster.isClient(host));
    this.#hosts = cluster.hosts;
    const leases = running.map(({ core, process }) => Math.round(leaseLeftMs(core, process.now())));
    if (lines.some((line) => / fault \d/.test(line))) this.#faults.push(this.#frames.length);
    this.#frames.push({
      step: world.steps,
      nowMs: world.now,
      lines,
      servers,
      leases,
      zooKeeper,
      sessions,
      cuts,
    });
  }

  /** The place of the last frame. */
  get last(): number {
    return this.#frames.length - 1;
  }

  /** How a run has ended in which the core threw an error, which is no rule. */
  endedBy(seed: number, error: string): Ended {
    const { hash, steps, now } = must(this.#moment, `the run has begun: ${error}`).world;
    return { seed, hash, steps, endMs: now, failure: error, failureStep: steps, operations: [] };
  }

  recording({ seed, hash, steps, failure, failureStep, endMs, operations, edits = [] }: Ended): Recording {
    this.#lookAtTheEnd();
    for (const flight of this.#underWay.values()) if (!flight.isLost) flight.arrivedMs = endMs;
    return {
      seed,
      hash,
      steps,
      failure,
      failureStep,
      frames: this.#frames,
      flights: this.#flights,
      clients: this.#clients,
      hosts: [...this.#hosts].sort((one, other) => this.#rank(one) - this.#rank(other)),
      operations: this.#calls.addedTo(operations.map(operationPicture)),
      noOrder: failure === undefined ? undefined : noOrderIn(operations),
      results: edits.map(editResult),
      serversMax: this.#serversMax,
      sessionsMax: this.#sessionsMax,
      faults: this.#faults,
    };
  }

  /** What has happened since the last look: of a broken rule, the event that broke it. */
  #lookAtTheEnd(): void {
    if (this.#moment === undefined) return;
    try {
      this.look(this.#moment);
    } catch {
      // A core that has failed may not even answer what its state is. What it did before is shown.
    }
  }

  /** ZooKeeper above the servers, and these above the clients, as in the drawing. */
  #rank(host: string): number {
    return this.#clients.includes(host) ? 2 : host === zooKeeperHost ? 0 : 1;
  }

  #follow(nowMs: number, items: ReturnType<Moment['cluster']['network']['underWay']>): void {
    const before = this.#underWay;
    this.#underWay = new Map();
    for (const flying of items) {
      const { from, to, item } = flying;
      const known = before.get(item.number);
      before.delete(item.number);
      if (known !== undefined) {
        this.#underWay.set(item.number, known);
        if (item.isLost && !known.isLost) Object.assign(known, { isLost: true, arrivedMs: nowMs });
        continue;
      }
      const contents = contentOf(flying);
      const flight = {
        number: item.number,
        from,
        to,
        kind: item.type,
        names: contents.map(({ type }) => type),
        text: contents.map(({ text }) => text).join('\n'),
        contents: contents.map(({ data }) => messageJson(data)),
        firstFrame: this.#frames.length,
        sentMs: nowMs,
        arrivedMs: item.isLost ? nowMs : Number.POSITIVE_INFINITY,
        isLost: item.isLost,
      };
      this.#flights.push(flight);
      this.#underWay.set(item.number, flight);
    }
    for (const flight of before.values()) if (!flight.isLost) flight.arrivedMs = nowMs;
  }

  #pictureOf(server: Server): ServerPicture {
    const { core, process, name, table, lastStep } = server;
    const picture: ServerPicture = {
      name,
      host: process.host,
      role: roleOf(core),
      id: core.id,
      view: core.view?.version,
      received: core.received,
      executed: core.executed,
      stable: core.stable,
      entries: table.history.contents.size,
      isFrozen: process.isFrozen,
      lastStep,
    };
    const text = JSON.stringify(picture);
    const known = this.#servers.get(name);
    if (known?.text === text) return known.picture;
    this.#servers.set(name, { text, picture });
    return picture;
  }
}

/** By their numbers, which ZooKeeper gives in the order of the chain; those without a number come last. */
function inOrder(servers: readonly Server[]): Server[] {
  const rank = ({ core }: Server) => (core.isMember ? (core.id ?? 0) : Number.MAX_SAFE_INTEGER);
  return [...servers].sort((one, other) => rank(one) - rank(other));
}

function zooKeeperPicture({ isUp, stalled, chain }: Moment['cluster']['zooKeeper']): ZooKeeperPicture {
  const { view, joining, record } = chain;
  return {
    isUp,
    stalled,
    viewVersion: view.version,
    view: view.servers.map(({ id }) => id),
    joining: joining.map(({ id }) => id),
    members: record?.members.map(({ id }) => id) ?? [],
  };
}

function cutsOf({ hosts, network }: Moment['cluster']): string[] {
  const cuts: string[] = [];
  for (const from of hosts) {
    for (const to of hosts) if (network.isCut(from, to)) cuts.push(`${from}>${to}`);
  }
  return cuts;
}

function sessionsOf(cluster: Moment['cluster']): SessionPicture[] {
  const sessions = cluster.zooKeeper.sessions.map(({ id, host, leftMs }) => {
    return { id: id.slice(0, 4), host, leftMs: Math.round(leftMs) };
  });
  const rank = ({ host }: SessionPicture) => (cluster.isClient(host) ? 1 : 0);
  return sessions.sort((one, other) => rank(one) - rank(other) || one.host.localeCompare(other.host));
}
