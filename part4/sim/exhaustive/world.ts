import { must, unreachable } from '@tablelab/shared';
import { noEntry } from '../../src/core/condition.ts';
import type { ChainEffect, ChainEvent, LinkId, WriteReply } from '../../src/core/effects.ts';
import { ancestorAt, contains, type HistoryNode, HistoryTree, rule } from '../history-tree.ts';
import { chain, newServer, stateOf } from './beginning.ts';
import { fingerprint, hashOf } from './fingerprint.ts';
import {
  type Action,
  client,
  type End,
  type EndName,
  type ExhaustiveOptions,
  endOf,
  openRequest,
  type Server,
  sessionOf,
  type WorldState,
  type Write,
} from './parts.ts';
import { possibleActions, redials, serverActions } from './possible-actions.ts';
import { checkEnd, checkMembers, checkServer } from './rules.ts';
import { transacted, withoutSession, type ZooKeeperState } from './zookeeper-state.ts';

/**
 * A chain of servers in which a search chooses what happens next: which message arrives, which server executes an
 * update, gets a directory or crashes. There is no time: leases do not end, and a delayed action happens only when no
 * other action can.
 *
 * Only {@link act} changes a world. {@link copy} makes another one in the same state; the two share all servers that
 * neither has changed since.
 */
export class ExhaustiveWorld {
  readonly #tree: HistoryTree;
  #servers: Server[];
  /** Servers that only this world uses, and so may change. */
  readonly #own = new Set<Server>();
  #writes: Write[];
  #state: ZooKeeperState;
  #crashesLeft: number;
  #committed: HistoryNode;

  static create(options: ExhaustiveOptions): ExhaustiveWorld {
    const tree = new HistoryTree();
    const world = new ExhaustiveWorld(tree, {
      state: stateOf(options.servers),
      crashesLeft: options.crashes,
      committed: tree.root,
    });
    world.#begin(options);
    return world;
  }

  private constructor(
    tree: HistoryTree,
    { state, crashesLeft, committed }: { state: ZooKeeperState; crashesLeft: number; committed: HistoryNode },
  ) {
    this.#tree = tree;
    this.#servers = [];
    this.#writes = [];
    this.#state = state;
    this.#crashesLeft = crashesLeft;
    this.#committed = committed;
  }

  copy(): ExhaustiveWorld {
    const copy = new ExhaustiveWorld(this.#tree.copy(), {
      state: this.#state,
      crashesLeft: this.#crashesLeft,
      committed: this.#committed,
    });
    copy.#servers = [...this.#servers];
    copy.#writes = [...this.#writes];
    this.#own.clear();
    return copy;
  }

  /** Two worlds with the same key behave in the same way. */
  get key(): string {
    const { view, record, recordVersion } = this.#state;
    const servers = this.#servers.map((server) => [server.key, server.seen === this.#state]);
    const [crashesLeft, committed, writes] = [this.#crashesLeft, this.#committed.seq, this.#writes];
    return hashOf(fingerprint({ view, record, recordVersion, servers, crashesLeft, committed, writes }));
  }

  /** All that can happen now. */
  get actions(): Action[] {
    return possibleActions(this.#now);
  }

  /** Carries out one of the {@link actions}. */
  act(action: Action): void {
    const { server } = action;
    switch (action.type) {
      case 'expire':
        this.#state = withoutSession(this.#state, sessionOf(server));
        return;
      case 'execute':
        return this.#execute(server);
      case 'change':
        return this.#change(server);
      case 'change-over':
        this.#changed(server).change = undefined;
        this.#changed(server).seen = undefined;
        return this.#tell(server, { type: 'change-over' });
      case 'read':
        return this.#tellDirectory(server);
      case 'arrive':
        return this.#arrive(server, action.link);
      case 'dial':
        return this.#connect(server, action.link);
      case 'write':
        return this.#write(server, action.request);
      case 'crash':
        return this.#crash(server, action);
      default:
        return unreachable(action);
    }
  }

  /** Checks the rules that hold when nothing more can happen. */
  checkEnd(): void {
    checkEnd(this.#now);
  }

  get #now(): WorldState {
    return {
      servers: this.#servers,
      writes: this.#writes,
      state: this.#state,
      crashesLeft: this.#crashesLeft,
      committed: this.#committed,
    };
  }

  // ---- what happens then ----

  #execute(number: number): void {
    const server = this.#changed(number);
    const [update, ...rest] = server.toExecute;
    server.toExecute = rest;
    server.history = this.#tree.extended(chain, server.history, must(update, 'there is one'));
    this.#tell(number, { type: 'executed', executed: server.history.seq + 1, tableBytes: 0 });
  }

  #change(number: number): void {
    const server = this.#changed(number);
    const { change } = must(server.change, 'it has asked for one');
    this.#state = transacted(this.#state, sessionOf(number), { type: 'change', change }) ?? this.#state;
    server.change = { change, isDone: true };
    checkMembers(this.#now);
  }

  #tellDirectory(number: number): void {
    this.#changed(number).seen = this.#state;
    const { joining, view, record, recordVersion } = this.#state;
    this.#tell(number, { type: 'directory', directory: { joining, view, record, recordVersion } });
  }

  #arrive(number: number, link: LinkId): void {
    const { ends } = this.#changed(number);
    const end = must(ends.get(link), 'it is there');
    const [message, ...rest] = end.incoming;
    if (message !== undefined) {
      ends.set(link, { ...end, incoming: rest });
      return this.#tell(number, { type: 'message', link, message });
    }
    ends.delete(link);
    this.#tell(number, { type: 'link-down', link, detail: 'closed' });
  }

  #connect(number: number, link: LinkId): void {
    const { ends, name } = this.#changed(number);
    const end = must(ends.get(link), 'it is there');
    const server = this.#servers.findIndex((other) => other.name === end.address);
    if (this.#servers[server]?.isAlive !== true) {
      ends.delete(link);
      return this.#tell(number, { type: 'link-down', link, detail: 'nobody there' });
    }
    const peer = { server, link: `${name}-${link}` };
    ends.set(link, { ...end, peer });
    const accepted = { peer: { server: number, link }, address: name, isLater: false, incoming: [] };
    this.#changed(server).ends.set(peer.link, accepted);
    this.#tell(number, { type: 'link-up', link });
  }

  #write(number: number, request: number): void {
    this.#setWrite(request, { state: 'under-way', taker: number });
    const data = Uint8Array.of(request);
    const write = { client, request, firstIncomplete: 1, op: 'put', key: 'k', data } as const;
    this.#tell(number, { type: 'write', token: request, write, entry: noEntry, ack: 'committed' });
  }

  #crash(number: number, { losesSent }: { readonly losesSent: boolean }): void {
    const server = this.#changed(number);
    this.#crashesLeft -= 1;
    server.isAlive = false;
    for (const { peer } of server.ends.values()) {
      if (losesSent) this.#setIncoming(peer, () => []);
      this.#send(peer, undefined);
    }
    server.ends.clear();
    // The connections of the head's clients break.
    for (const { state, taker, request } of this.#writes) {
      if (state === 'under-way' && taker === number) this.#setWrite(request, { state: 'lost', taker });
    }
  }

  // ---- the servers ----

  #begin({ Core, servers, writes }: ExhaustiveOptions): void {
    this.#servers = Array.from({ length: servers }, (_, id) => newServer(Core, id, this.#tree.root));
    for (let number = 0; number < servers; number += 1) {
      const session = sessionOf(number);
      this.#tell(number, { type: 'session-started', session, timeoutMs: 1_000 });
      this.#tell(number, { type: 'heartbeat', session, sentAt: 0 });
      this.#tellDirectory(number);
    }
    // Runs in one fixed order until nothing happens: then the links are up, and the clients have a session.
    this.#settle();
    this.#tell(0, { type: 'write', token: 0, write: openRequest, entry: noEntry, ack: 'committed' });
    this.#settle();
    const requests = Array.from({ length: writes }, (_, write) => write + 1);
    this.#writes = requests.map((request) => ({ request, state: 'new', taker: undefined }));
  }

  #settle(): void {
    for (;;) {
      const [next] = [...serverActions(this.#now), ...redials(this.#now)];
      if (next === undefined) return;
      this.act(next);
    }
  }

  /** The server, in a copy that may be changed. */
  #changed(number: number): Server {
    const server = must(this.#servers[number], 'there is such a server');
    if (this.#own.has(server)) return server;
    const own = server.copy();
    this.#own.add(own);
    this.#servers[number] = own;
    return own;
  }

  #tell(number: number, event: ChainEvent): void {
    const server = this.#changed(number);
    server.core.handle(event, 0);
    for (const effect of server.core.takeEffects()) this.#perform(number, effect);
    checkServer(this.#now, number);
  }

  #perform(number: number, effect: ChainEffect): void {
    const server = this.#changed(number);
    switch (effect.type) {
      case 'execute':
        server.toExecute = [...server.toExecute, ...effect.updates];
        return;
      case 'reply':
        return this.#onReply(server, effect.token, effect.reply);
      case 'dial': {
        const { link, address, delayMs } = effect;
        server.ends.set(link, { peer: undefined, address, isLater: delayMs > 0, incoming: [] });
        return;
      }
      case 'send':
        return this.#send(server.ends.get(effect.link)?.peer, effect.message);
      case 'close': {
        const peer = server.ends.get(effect.link)?.peer;
        server.ends.delete(effect.link);
        return this.#send(peer, undefined);
      }
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

  /** Nothing is sent to an end that no longer exists. */
  #send(peer: EndName | undefined, message: End['incoming'][number]): void {
    this.#setIncoming(peer, (incoming) => [...incoming, message]);
  }

  #setIncoming(name: EndName | undefined, next: (incoming: End['incoming']) => End['incoming']): void {
    const end = endOf(this.#now, name);
    if (name === undefined || end === undefined) return;
    this.#changed(name.server).ends.set(name.link, { ...end, incoming: next(end.incoming) });
  }

  #setWrite(request: number, change: Pick<Write, 'state' | 'taker'>): void {
    this.#writes = this.#writes.map((write) => (write.request === request ? { ...write, ...change } : write));
  }

  #onReply(server: Server, request: number, reply: WriteReply): void {
    const write = this.#writes.find((other) => other.request === request);
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
      checkMembers(this.#now);
      if (write !== undefined) this.#setWrite(request, { ...write, state: 'done' });
    } else if (write !== undefined) {
      this.#setWrite(request, { ...write, state: reply.type === 'unknown' ? 'lost' : 'refused' });
    }
  }
}
