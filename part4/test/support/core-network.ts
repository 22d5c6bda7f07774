import { assert, must, type Random } from '@tablelab/shared';
import { ChainCore, type ChainLimits, defaultChainLimits } from '../../src/core/chain-core.ts';
import type { ChainEffect, LinkId, WriteReply } from '../../src/core/effects.ts';
import type { ChainMessage } from '../../src/core/messages.ts';
import type { Update, WriteRequest } from '../../src/core/update.ts';
import type { ServerId, View } from '../../src/core/view.ts';

interface Server {
  readonly core: ChainCore;
  /** What its table has executed, in order. */
  readonly history: Update[];
  readonly toExecute: Update[];
  left: string | undefined;
}

/** One direction of a link: a FIFO that ends at `to`, where it is known as `link`. */
interface Channel {
  readonly from: ServerId;
  readonly to: ServerId;
  readonly link: LinkId;
  /** The name of the same link at `from`. */
  readonly backLink: LinkId;
  readonly messages: (ChainMessage | 'down')[];
}

/**
 * Cores wired to each other in memory, one step at a time: which message, execution or view comes next is for the
 * caller's randomness to say. After every step it checks what the paper calls the update propagation invariant.
 */
export class CoreNetwork {
  readonly #random: Random;
  readonly #limits: ChainLimits;
  readonly #servers = new Map<ServerId, Server>();
  readonly #channels = new Map<string, Channel>();
  readonly #dials: { from: ServerId; to: ServerId; link: LinkId }[] = [];
  /** Views on their way to a server; a new one replaces one that has not arrived, as with ZooKeeper's watches. */
  readonly #views = new Map<ServerId, View>();
  readonly replies = new Map<number, WriteReply>();
  view: View = { version: 0, servers: [] };
  #tokens = 0;
  #nextId = 0;

  constructor(random: Random, limits: Partial<ChainLimits> = {}) {
    this.#random = random;
    this.#limits = { ...defaultChainLimits, batchUpdatesMax: 3, ...limits };
  }

  get alive(): ServerId[] {
    return this.view.servers.map((server) => server.id);
  }

  server(id: ServerId): Server {
    return must(this.#servers.get(id), `server ${id} lives`);
  }

  join(): ServerId {
    const id = this.#nextId;
    this.#nextId += 1;
    const core = new ChainCore(id, this.#limits);
    this.#servers.set(id, { core, history: [], toExecute: [], left: undefined });
    this.#setView([...this.view.servers, { id, address: `host:${id}` }]);
    return id;
  }

  /** Ends a server without a word: its state is gone, its links break, its znode goes. */
  crash(id: ServerId): void {
    this.#servers.delete(id);
    this.#views.delete(id);
    for (const [key, channel] of this.#channels) {
      if (channel.to === id) this.#channels.delete(key);
      else if (channel.from === id) channel.messages.push('down');
    }
    this.#setView(this.view.servers.filter((server) => server.id !== id));
  }

  /** Breaks every link between two servers; what was under way is lost. */
  cut(a: ServerId, b: ServerId): void {
    for (const channel of this.#channels.values()) {
      const between = (channel.from === a && channel.to === b) || (channel.from === b && channel.to === a);
      if (between) channel.messages.splice(0, channel.messages.length, 'down');
    }
  }

  write(id: ServerId, ack: 'assigned' | 'committed', write: Partial<WriteRequest> = {}): number {
    const token = this.#tokens;
    this.#tokens += 1;
    const full: WriteRequest = {
      client: '',
      request: token,
      op: 'put',
      key: `key:${token}`,
      data: Uint8Array.of(token & 255),
      ...write,
    };
    this.#handle(id, { type: 'write', token, write: full, ack });
    return token;
  }

  /** Hands a message to a server over a link of its own that no other core is behind. */
  inject(id: ServerId, link: LinkId, message: ChainMessage): ChainEffect[] {
    const { core } = this.server(id);
    core.handle({ type: 'message', link, message });
    return core.takeEffects();
  }

  /** Carries out steps until nothing is left to do; returns how many there were. */
  settle(stepsMax = 100_000): number {
    for (let steps = 0; steps < stepsMax; steps += 1) if (!this.step()) return steps;
    throw new Error(`the chain does not come to rest within ${stepsMax} steps`);
  }

  /** Carries out one of the things that can happen now; false when nothing can. */
  step(): boolean {
    const steps: (() => void)[] = [];
    for (const [id, view] of this.#views) {
      steps.push(() => {
        this.#views.delete(id);
        this.#handle(id, { type: 'view', view });
      });
    }
    for (const [id, server] of this.#servers) {
      if (server.toExecute.length > 0) steps.push(() => this.#execute(id, server));
    }
    for (const [key, channel] of this.#channels) {
      if (channel.messages.length > 0) steps.push(() => this.#deliver(key, channel));
    }
    for (const dial of this.#dials) steps.push(() => this.#completeDial(dial));
    if (steps.length === 0) return false;
    this.#random.pick(steps)();
    this.#check();
    return true;
  }

  #setView(servers: View['servers']): void {
    this.view = { version: this.view.version + 1, servers };
    for (const id of this.alive) this.#views.set(id, this.view);
  }

  #execute(id: ServerId, server: Server): void {
    server.history.push(must(server.toExecute.shift(), 'something is to be executed'));
    this.#handle(id, { type: 'executed', executed: server.history.length });
  }

  #deliver(key: string, channel: Channel): void {
    const message = must(channel.messages.shift(), 'the channel holds a message');
    if (message === 'down') {
      this.#channels.delete(key);
      this.#handle(channel.to, { type: 'link-down', link: channel.link, detail: 'broken' });
    } else this.#handle(channel.to, { type: 'message', link: channel.link, message });
  }

  #completeDial(dial: { from: ServerId; to: ServerId; link: LinkId }): void {
    this.#dials.splice(this.#dials.indexOf(dial), 1);
    const { from, to, link } = dial;
    if (!this.#servers.has(from)) return;
    if (!this.#servers.has(to)) return this.#handle(from, { type: 'link-down', link, detail: 'refused' });
    const farLink = `from-${from}-${link}`;
    this.#channels.set(`${to} ${farLink}`, { from, to, link: farLink, backLink: link, messages: [] });
    this.#channels.set(`${from} ${link}`, { from: to, to: from, link, backLink: farLink, messages: [] });
    this.#handle(from, { type: 'link-up', link });
  }

  #handle(id: ServerId, event: Parameters<ChainCore['handle']>[0]): void {
    const server = this.#servers.get(id);
    if (server === undefined || server.left !== undefined) return;
    server.core.handle(event);
    for (const effect of server.core.takeEffects()) this.#perform(id, server, effect);
  }

  #perform(id: ServerId, server: Server, effect: ChainEffect): void {
    switch (effect.type) {
      case 'execute':
        server.toExecute.push(...effect.updates);
        break;
      case 'reply':
        assert(!this.replies.has(effect.token), `request ${effect.token} gets one reply`);
        this.replies.set(effect.token, effect.reply);
        if (effect.reply.type === 'committed') this.#checkCommitted(effect.reply.name.seq);
        break;
      case 'dial':
        this.#dials.push({ from: id, to: effect.server.id, link: effect.link });
        break;
      case 'send':
        this.#outgoing(id, effect.link)?.messages.push(effect.message);
        break;
      case 'close': {
        const dial = this.#dials.findIndex((waiting) => waiting.from === id && waiting.link === effect.link);
        if (dial >= 0) this.#dials.splice(dial, 1);
        this.#outgoing(id, effect.link)?.messages.push('down');
        this.#channels.delete(`${id} ${effect.link}`);
        break;
      }
      case 'read-view':
        this.#views.set(id, this.view);
        break;
      case 'leave':
        server.left = effect.detail;
        this.crash(id);
        this.#servers.set(id, server);
        break;
    }
  }

  #outgoing(from: ServerId, link: LinkId): Channel | undefined {
    return [...this.#channels.values()].find((channel) => channel.from === from && channel.backLink === link);
  }

  /** Update propagation (van Renesse & Schneider 2004, section 4): a history is a prefix of its predecessor's. */
  #check(): void {
    let before: Update[] | undefined;
    for (const id of this.alive) {
      const { history } = this.server(id);
      const names = (updates: Update[]) => updates.map((update) => `${update.epoch}:${update.seq}`).join(' ');
      assert(
        history.every((update, seq) => update.seq === seq),
        `server ${id} executed each update once, in order: ${names(history)}`,
      );
      if (before !== undefined) {
        assert(
          names(before.slice(0, history.length)) === names(history),
          `the history of server ${id} is a prefix of its predecessor's: ${names(history)} of ${names(before)}`,
        );
      }
      before = history;
    }
  }

  #checkCommitted(seq: number): void {
    for (const id of this.alive) {
      const { core, history } = this.server(id);
      assert(
        !core.isMember || history.length > seq,
        `update ${seq} is COMMITTED, so member ${id} has executed it`,
      );
    }
  }
}
