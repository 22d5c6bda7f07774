import { must, unreachable } from '@tablelab/shared';
import type { HistoryRecorder } from '../../linearizability/index.ts';
import type { ClientParts } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { contentOf } from '../message-content.ts';
import type { SimServer } from '../server.ts';
import type { InFlight } from '../transport.ts';
import type { Action, Call, MessageChoice } from './action.ts';
import { type Answer, HandClient } from './hand-client.ts';

/** What has become of an action. */
export interface Performed {
  readonly action: Action;
  readonly atMs: number;
  /** The number of events before it. */
  readonly step: number;
  /** Why nothing was done; undefined: it was. */
  readonly refusal: string | undefined;
  /** Of a client's operation. */
  readonly answer: Answer | undefined;
}

/** Why an action cannot be carried out now. */
class Refused extends Error {}

function refuse(reason: string): never {
  throw new Refused(reason);
}

export const defaultClient = 'you';

/**
 * Carries out a person's actions on a simulated chain. An action that cannot be carried out, as the kill of a server that does not
 * run, changes nothing and says why.
 */
export class Hands {
  readonly performed: Performed[] = [];
  readonly #cluster: Cluster;
  readonly #recorder: HistoryRecorder;
  readonly #clients = new Map<string, HandClient>();
  /** The number of actions that were begun. */
  begun = 0;

  constructor(cluster: Cluster, recorder: HistoryRecorder) {
    this.#cluster = cluster;
    this.#recorder = recorder;
  }

  /** Whether all calls that are repeated until they have an outcome have one. */
  get areCallsDone(): boolean {
    return [...this.#clients.values()].every(({ isDone }) => isDone);
  }

  /** The last call with this label. */
  answerTo(label: string): Answer | undefined {
    return this.performed.findLast(({ action }) => 'as' in action && action.as === label)?.answer;
  }

  perform(action: Action): Performed {
    const { world } = this.#cluster;
    this.begun += 1;
    let refusal: string | undefined;
    let answer: Answer | undefined;
    world.note(JSON.stringify(action));
    world.trace(() => `by hand: ${describeAction(action)}`);
    // What is done here may settle promises.
    world.settled();
    try {
      if (isCall(action)) answer = this.#call(action);
      else this.#act(action);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refusal = error.message;
      world.trace(() => `nothing is done: ${refusal}`);
    }
    const performed = { action, atMs: world.now, step: world.steps, refusal, answer };
    this.performed.push(performed);
    return performed;
  }

  /** The client of this name, which connects when it is named first. */
  clientOf(name: string): HandClient {
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const { hosts, world, network, zooKeeper } = this.#cluster;
    if (hosts.includes(name)) refuse(`another machine is called ${name}`);
    this.#cluster.addClient(name);
    const newValue: ClientParts['newValue'] = () => new Uint8Array(0);
    const client = new HandClient({ world, network, zooKeeper, recorder: this.#recorder, newValue }, name);
    this.#clients.set(name, client);
    return client;
  }

  #call(call: Call): Answer {
    const client = this.clientOf(call.client ?? defaultClient);
    if (call.server === undefined) return client.call(call);
    return client.ask(call, this.#serverIn(call.server).address);
  }

  #act(action: Exclude<Action, Call>): void {
    const cluster = this.#cluster;
    const { network, zooKeeper } = cluster;
    switch (action.do) {
      case 'kill':
        return this.#kill(action.server);
      case 'restart': {
        const place = placeOf(action.server);
        if (place >= cluster.places) refuse(`${action.server} has never been started`);
        if (cluster.serverIn(place) !== undefined) refuse(`${action.server} is running`);
        return cluster.start(place);
      }
      case 'pause': {
        const { process } = this.#serverIn(action.server);
        if (process.isFrozen) refuse(`${action.server} is paused already`);
        return process.freeze();
      }
      case 'resume': {
        const { process } = this.#serverIn(action.server);
        if (!process.isFrozen) refuse(`${action.server} is not paused`);
        return process.wake();
      }
      case 'join':
        if (!cluster.startAnother()) refuse('there are as many servers as there may be');
        return;
      case 'leave': {
        const server = this.#serverIn(action.server);
        if (server.isLeaving) refuse(`${action.server} is leaving already`);
        return cluster.leaveForGood(server);
      }
      case 'cut':
        this.#checkPath(action);
        if (network.isCut(action.from, action.to)) refuse('this path is cut already');
        return network.cut(action.from, action.to);
      case 'heal':
        this.#checkPath(action);
        if (!network.isCut(action.from, action.to)) refuse('this path is not cut');
        return network.heal(action.from, action.to);
      case 'slow':
        this.#serverIn(action.server).table.slowness = action.factor;
        return;
      case 'slow-link':
        this.#checkPath(action);
        return network.slow(action.from, action.to, action.factor);
      case 'stop-zookeeper':
        if (!zooKeeper.isUp) refuse('ZooKeeper does not run');
        return zooKeeper.goDown();
      case 'start-zookeeper':
        if (zooKeeper.isUp) refuse('ZooKeeper is running');
        return zooKeeper.comeUp({ wiped: false });
      case 'wipe-zookeeper':
        if (!cluster.canLoseZooKeeper()) cluster.isGivenUp = true;
        if (zooKeeper.isUp) zooKeeper.goDown();
        return zooKeeper.comeUp({ wiped: true });
      case 'deliver': {
        const message = this.#messageOf(action.message);
        if (network.isCut(message.from, message.to)) refuse(`the path from ${message.from} is cut`);
        return network.deliver(message);
      }
      case 'delay':
        return network.hold(this.#messageOf(action.message), action.ms);
      case 'drop':
        return network.drop(this.#messageOf(action.message));
      case 'duplicate': {
        const message = this.#messageOf(action.message);
        if (network.isCut(message.from, message.to)) refuse(`the path from ${message.from} is cut`);
        network.deliver(message);
        return message.end.peer.breakFrom(0, 'the connection broke');
      }
      default:
        return unreachable(action);
    }
  }

  #kill(name: string): void {
    const cluster = this.#cluster;
    const place = placeOf(name);
    const server = cluster.serverIn(place);
    const hasDisk = cluster.diskOf(place) !== undefined;
    if (server !== undefined && !hasDisk && !cluster.canLose(server)) cluster.isGivenUp = true;
    if (!cluster.kill(place)) refuse(`no server runs at ${name}`);
  }

  #serverIn(name: string): SimServer {
    return this.#cluster.serverIn(placeOf(name)) ?? refuse(`no server runs at ${name}`);
  }

  #checkPath({ from, to }: { readonly from: string; readonly to: string }): void {
    const { hosts } = this.#cluster;
    for (const host of [from, to]) if (!hosts.includes(host)) refuse(`no machine is called ${host}`);
    if (from === to) refuse('a path leads from one machine to another');
  }

  #messageOf(choice: MessageChoice): InFlight {
    for (const flight of this.#cluster.network.underWay()) {
      const { from, to, item } = flight;
      if (item.isLost || item.type === 'closed') continue;
      if (typeof choice === 'number') {
        if (item.number === choice) return flight;
        continue;
      }
      if (from !== choice.from || to !== choice.to) continue;
      if (choice.type === undefined || contentOf(flight).some(({ type }) => type === choice.type))
        return flight;
    }
    return refuse('no such message is under way');
  }
}

function isCall(action: Action): action is Call {
  return action.do === 'put' || action.do === 'get' || action.do === 'del' || action.do === 'verify';
}

function placeOf(server: string): number {
  return Number(must(server[1], 'a server is named s0 to s9'));
}

/** An action on one line. */
export function describeAction({ do: kind, ...fields }: Action): string {
  const { at: _at, after: _after, ...rest } = fields as Record<string, unknown>;
  const texts = Object.entries(rest).map(([name, value]) => {
    return `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`;
  });
  return [kind, ...texts].join(' ');
}
