import { must } from '@tablelab/shared';
import type { ChainEffect, ChainEvent, WriteReply } from '../src/core/effects.ts';
import { defaultChainLimits } from '../src/core/limits.ts';
import type { WriteRequest } from '../src/core/update.ts';
import { headOf, predecessorOf } from '../src/core/view.ts';
import {
  type Action,
  type End,
  type ExhaustiveOptions,
  Hash,
  newEnd,
  openRequest,
  type Server,
  sessionOf,
  type Write,
} from './exhaustive-parts.ts';
import { ancestorAt, contains, type HistoryNode, HistoryTree, rule } from './history-tree.ts';
import { fingerprint } from './open-core.ts';
import type { CoreClass } from './server.ts';
import { transacted, withoutSession, type ZooKeeperState } from './zookeeper-state.ts';

const chain = 'c0ffee0000000000';
const client = `${chain.slice(0, 6)}0000000000`;

/**
 * A chain of servers in which a search chooses what happens next: which message arrives, which server executes, hears of
 * ZooKeeper or crashes. There is no time: leases do not end, and what waits for a delay happens when nothing else can.
 */
export class ExhaustiveWorld {
  readonly #tree = new HistoryTree();
  readonly #servers: readonly Server[];
  readonly #writes: readonly Write[];
  #state: ZooKeeperState;
  #crashesLeft: number;
  #committed: HistoryNode;

  constructor({ Core, servers, writes, crashes }: ExhaustiveOptions) {
    const ids = Array.from({ length: servers }, (_, id) => id);
    this.#crashesLeft = crashes;
    this.#committed = this.#tree.root;
    this.#state = {
      waiting: [],
      waitingCreated: 0,
      waitingVersion: 0,
      view: {
        version: servers,
        servers: ids.map((id) => ({ id, address: `s${id}`, session: sessionOf(id) })),
      },
      viewCreated: servers,
      record: {
        chain,
        epochBase: 0,
        serial: 1,
        view: servers,
        members: ids.map((id) => ({ id, member: `m${id}` })),
      },
      recordVersion: 1,
    };
    this.#servers = ids.map((id) => this.#newServer(Core, id));
    this.#writes = Array.from({ length: writes }, (_, write) => ({ request: write + 1, state: 'new' }));
    for (const server of this.#servers) {
      const session = sessionOf(this.#idOf(server));
      this.#tell(server, { type: 'session-started', session, timeoutMs: 1_000 });
      this.#tell(server, { type: 'heartbeat', session, sentAt: 0 });
      this.#tellDirectory(server);
    }
    // One fixed order until nothing happens: the links are up, and the clients have a session.
    this.#settle();
    const head = must(this.#servers[0], 'there is a server');
    this.#tell(head, { type: 'write', token: 0, write: openRequest, ack: 'committed' });
    this.#settle();
  }

  /** Two states with the same key go on the same way. The cores must be open, see {@link loadOpenCore}. */
  get key(): string {
    const hash = new Hash();
    const { view, record, recordVersion } = this.#state;
    hash.add(fingerprint([view, record, recordVersion, this.#crashesLeft, this.#committed.seq]));
    hash.add(this.#writes.map((write) => `${write.state} ${this.#takerOf(write)?.name}`).join());
    for (const { isAlive, core, toExecute, ends, change, seen, history } of this.#servers) {
      if (!isAlive) {
        hash.add('gone');
        continue;
      }
      hash.add(fingerprint(core));
      hash.add(fingerprint([toExecute, change, seen === this.#state, history.update?.epoch, history.seq]));
      for (const { link, address, isLater, peer, incoming } of ends.values()) {
        hash.add(fingerprint([link, address, isLater, peer?.isOpen, peer?.link, incoming]));
      }
    }
    return hash.text;
  }

  /** All that can happen now. */
  get actions(): Action[] {
    const soon = [
      ...this.#serverActions(),
      ...this.#writeActions(({ state }) => state === 'new' || state === 'lost'),
    ];
    const later =
      soon.length > 0 ? [] : [...this.#redials(), ...this.#writeActions(({ state }) => state === 'refused')];
    const crashes = soon.length + later.length > 0 ? this.#crashActions() : [];
    return [...soon, ...later, ...crashes];
  }

  /** Checks what must hold when nothing can happen any more. */
  checkEnd(): void {
    const alive = this.#servers.filter(({ isAlive }) => isAlive);
    for (const { request, state } of this.#writes)
      rule(state === 'done', () => `write ${request} is ${state} at the end`);
    for (const { name, core, history } of alive) {
      rule(core.isMember, () => `${name} is no member at the end`);
      rule(history === this.#committed, () => `${name} has ${history.seq + 1} updates at the end`);
    }
    rule(
      this.#committed.seq === this.#writes.length,
      () => `there are ${this.#committed.seq} writes in the history`,
    );
  }

  // ---- what can happen ----

  *#serverActions(): Generator<Action> {
    for (const server of this.#servers) {
      if (!server.isAlive) {
        if (!this.#isExpired(server))
          yield { name: `${server.name} expires`, act: () => this.#expire(server) };
        continue;
      }
      const { name, change } = server;
      if (server.toExecute.length > 0) yield { name: `${name} executes`, act: () => this.#execute(server) };
      if (change !== undefined) {
        if (change.isDone) yield { name: `${name} change over`, act: () => this.#changeOver(server) };
        else yield { name: `${name} changes`, act: () => this.#change(server) };
      } else if (server.seen !== this.#state) {
        yield { name: `${name} reads`, act: () => this.#tellDirectory(server) };
      }
      for (const end of server.ends.values()) {
        if (end.incoming.length > 0) yield { name: `${name} ${end.link}`, act: () => this.#arrive(end) };
        else if (end.peer === undefined && !end.isLater)
          yield { name: `${name} dials ${end.link}`, act: () => this.#connect(end) };
      }
    }
  }

  *#redials(): Generator<Action> {
    for (const server of this.#servers) {
      for (const end of server.isAlive ? server.ends.values() : []) {
        if (end.peer === undefined)
          yield { name: `${server.name} dials ${end.link}`, act: () => this.#connect(end) };
      }
    }
  }

  *#writeActions(isMeant: (write: Write) => boolean): Generator<Action> {
    const address = headOf(this.#state.view)?.address;
    const head = this.#servers.find(({ name }) => name === address);
    if (head?.isAlive !== true) return;
    for (const write of this.#writes) {
      if (isMeant(write))
        yield { name: `write ${write.request} to ${head.name}`, act: () => this.#write(head, write) };
    }
  }

  *#crashActions(): Generator<Action> {
    if (this.#crashesLeft === 0) return;
    for (const server of this.#servers) {
      if (!server.isAlive) continue;
      yield { name: `${server.name} crashes`, act: () => this.#crashNow(server, { losesSent: false }) };
      const hasSent = [...server.ends.values()].some(({ peer }) => (peer?.incoming.length ?? 0) > 0);
      if (hasSent) {
        yield {
          name: `${server.name} crashes, what it sent is lost`,
          act: () => this.#crashNow(server, { losesSent: true }),
        };
      }
    }
  }

  // ---- what happens then ----

  #execute(server: Server): void {
    const update = must(server.toExecute.shift(), 'there is one');
    server.history = this.#tree.extended(chain, server.history, update);
    this.#tell(server, { type: 'executed', executed: server.history.seq + 1 });
  }

  #change(server: Server): void {
    const pending = must(server.change, 'it has asked for one');
    const session = sessionOf(this.#idOf(server));
    this.#state = transacted(this.#state, session, { type: 'change', change: pending.change }) ?? this.#state;
    pending.isDone = true;
    this.#checkMembers();
  }

  #changeOver(server: Server): void {
    server.change = undefined;
    server.seen = undefined;
    this.#tell(server, { type: 'change-over' });
  }

  #tellDirectory(server: Server): void {
    server.seen = this.#state;
    const { waiting, view, record, recordVersion } = this.#state;
    this.#tell(server, { type: 'directory', directory: { waiting, view, record, recordVersion } });
  }

  #arrive(end: End): void {
    const message = end.incoming.shift();
    const { owner, link } = end;
    if (message !== undefined) return this.#tell(owner, { type: 'message', link, message });
    owner.ends.delete(link);
    this.#tell(owner, { type: 'link-down', link, detail: 'closed' });
  }

  #connect(end: End): void {
    const { owner, link, address } = end;
    const server = this.#servers.find(({ name }) => name === address);
    if (server?.isAlive !== true) {
      owner.ends.delete(link);
      return this.#tell(owner, { type: 'link-down', link, detail: 'nobody there' });
    }
    const peer = newEnd(server, `${owner.name}-${link}`, owner.name);
    peer.peer = end;
    end.peer = peer;
    server.ends.set(peer.link, peer);
    this.#tell(owner, { type: 'link-up', link });
  }

  #write(head: Server, write: Write): void {
    write.state = 'under-way';
    const { request } = write;
    const update: WriteRequest = {
      client,
      request,
      firstIncomplete: 1,
      op: 'put',
      key: 'k',
      data: Uint8Array.of(request),
    };
    this.#tell(head, { type: 'write', token: request, write: update, ack: 'committed' });
  }

  #crashNow(server: Server, { losesSent }: { readonly losesSent: boolean }): void {
    this.#crashesLeft -= 1;
    server.isAlive = false;
    for (const { peer } of server.ends.values()) {
      if (losesSent) peer?.incoming.splice(0);
      peer?.incoming.push(undefined);
    }
    server.ends.clear();
    // Clients of the head find their connections broken.
    for (const write of this.#writes) {
      if (write.state === 'under-way' && this.#takerOf(write) === server) write.state = 'lost';
    }
  }

  #expire(server: Server): void {
    this.#state = withoutSession(this.#state, sessionOf(this.#idOf(server)));
  }

  // ---- the servers ----

  #newServer(Core: CoreClass, id: number): Server {
    return {
      name: `s${id}`,
      core: new Core({
        address: `s${id}`,
        member: `m${id}`,
        newChain: () => chain,
        onTotalLoss: 'wait',
        totalLossGraceMs: 1_000,
        limits: defaultChainLimits,
      }),
      isAlive: true,
      history: this.#tree.root,
      toExecute: [],
      ends: new Map(),
      change: undefined,
      seen: undefined,
    };
  }

  #settle(): void {
    for (;;) {
      const [next] = [...this.#serverActions(), ...this.#redials()];
      if (next === undefined) return;
      next.act();
    }
  }

  /** Which server has each write now. */
  readonly #takers = new Map<number, Server>();

  #takerOf({ request }: Write): Server | undefined {
    return this.#takers.get(request);
  }

  #tell(server: Server, event: ChainEvent): void {
    if (event.type === 'write') this.#takers.set(event.token, server);
    server.core.handle(event, 0);
    for (const effect of server.core.takeEffects()) this.#perform(server, effect);
    this.#check(server);
  }

  #perform(server: Server, effect: ChainEffect): void {
    const end = 'link' in effect ? server.ends.get(effect.link) : undefined;
    switch (effect.type) {
      case 'execute':
        server.toExecute.push(...effect.updates);
        return;
      case 'reply':
        return this.#onReply(server, effect.token, effect.reply);
      case 'dial':
        server.ends.set(effect.link, newEnd(server, effect.link, effect.address, effect.delayMs > 0));
        return;
      case 'send':
        if (end?.peer?.isOpen) end.peer.incoming.push(effect.message);
        return;
      case 'close':
        if (end === undefined) return;
        end.isOpen = false;
        server.ends.delete(effect.link);
        if (end.peer?.isOpen) end.peer.incoming.push(undefined);
        return;
      case 'read-directory':
        server.seen = undefined;
        return;
      case 'change-directory':
        server.change = { change: effect.change, isDone: false };
        return;
      case 'heartbeats':
      case 'log':
        return;
      default:
        rule(false, () => `${server.name} does ${effect.type}`);
    }
  }

  #onReply(server: Server, request: number, reply: WriteReply): void {
    const write = this.#writes?.find((other) => other.request === request);
    if (reply.type === 'committed') {
      rule(
        reply.name.seq <= server.history.seq,
        () => `${server.name} has not executed what it calls COMMITTED`,
      );
      const committed = ancestorAt(server.history, reply.name.seq);
      const longer = committed.seq > this.#committed.seq ? committed : this.#committed;
      rule(
        contains(longer, committed) && contains(longer, this.#committed),
        () => 'two histories are committed',
      );
      this.#committed = longer;
      this.#checkMembers();
      if (write !== undefined) write.state = 'done';
    } else if (write !== undefined) {
      write.state = reply.type === 'unknown' ? 'lost' : 'refused';
    }
  }

  // ---- the rules ----

  #check(server: Server): void {
    const { core, history } = server;
    const serves = (other: Server) => other.isAlive && other.core.readRefusal(0) === undefined;
    if (serves(server)) {
      for (const other of this.#servers ?? []) {
        rule(other === server || !serves(other), () => `${server.name} and ${other.name} both answer reads`);
      }
      rule(
        contains(history, this.#committed),
        () => `${server.name} answers reads without all that is committed`,
      );
    }
    const entry =
      core.view === undefined || core.id === undefined ? undefined : predecessorOf(core.view, core.id);
    const before = this.#servers?.find(({ name }) => name === entry?.address);
    if (before?.core.view?.version === core.view?.version && before !== undefined) {
      rule(contains(before.history, history), () => `${server.name} has more than ${before.name} before it`);
    }
  }

  #checkMembers(): void {
    for (const { isAlive, name, history } of this.#servers ?? []) {
      const isNamed = this.#state.record?.members.some(({ member }) => member === name.replace('s', 'm'));
      if (!isAlive || !isNamed) continue;
      rule(contains(history, this.#committed), () => `${name}, a member, lacks what is committed`);
    }
  }

  #isExpired(server: Server): boolean {
    return !this.#state.view.servers.some(({ address }) => address === server.name);
  }

  #idOf({ name }: Server): number {
    return Number(name.slice(1));
  }
}
