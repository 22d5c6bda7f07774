import type { Socket } from 'node:net';
import type { KeyValueTable } from '@tablelab/part1';
import type { Pending } from '@tablelab/part2';
import type { TableStore } from '@tablelab/part3';
import { must, unreachable } from '@tablelab/shared';
import type { ChainCore } from '../core/chain-core.ts';
import type { DirectoryChange } from '../core/directory.ts';
import type { ChainEffect, ChainEvent, Refusal, WriteReply } from '../core/effects.ts';
import type { WriteRequest } from '../core/update.ts';
import type { ServerId } from '../core/view.ts';
import { defaultLinkLimits, type LinkListener, Links } from './links.ts';
import { TableFeed } from './table-feed.ts';
import { WriteDesk } from './write-desk.ts';

/** What the core asks of ZooKeeper. */
export interface Coordination {
  readDirectory(): void;
  change(change: DirectoryChange): void;
  heartbeats(id: ServerId | undefined): void;
}

export interface CoreDriverOptions {
  readonly core: ChainCore;
  readonly store: TableStore;
  /** An empty store like the first, for a server that has to begin anew. */
  readonly newStore: () => Promise<TableStore>;
  /** Asked only once there is a session, which is an event that comes from there. */
  readonly coordination: () => Coordination | undefined;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Called when this server cannot stay in the chain: the first reason is the one that counts. */
  readonly onStop: (detail: string) => void;
  /** Called when it has left as it was asked to. */
  readonly onLeft: () => void;
  /** What happens, for a person to read: one line each. */
  readonly log: (line: string, level: 'info' | 'warn') => void;
  /** How long a write may wait for room in the chain, or for its answer, in milliseconds. */
  readonly writeTimeoutMs?: number;
  /** See {@link LinkLimits.silenceMs}. */
  readonly linkSilenceMs?: number;
}

const defaultWriteTimeoutMs = 30_000;

/** What is read of the table for a copy under one lock: clients wait as long as that takes, half a millisecond. */
const chunkBytesMax = 64 * 1024;

/** How long to wait for the table of a server that begins anew before a chunk is read of it, in milliseconds. */
const tableRetryMs = 10;

/**
 * Turns what happens into events for the core and carries its effects out: the table of part 3 executes the updates, the
 * links carry the messages, ZooKeeper the directory. It decides nothing itself.
 *
 * Invariant: effects are carried out in the order in which the core gave them, and no event is handled in between: what
 * happens then waits for its turn.
 */
export class CoreDriver {
  readonly core: ChainCore;
  readonly #options: CoreDriverOptions;
  readonly #links: Links;
  readonly #feed: TableFeed;
  readonly #desk: WriteDesk;
  /** Whoever waits for the core to get on: a start, a stop. */
  readonly #waiters = new Set<{ readonly wake: () => void; readonly giveUp: () => void }>();
  readonly #eventsWaiting: ChainEvent[] = [];
  #isHandling = false;
  #isBroken = false;
  #isClosed = false;
  #wake: NodeJS.Timeout | undefined;

  constructor(options: CoreDriverOptions) {
    this.core = options.core;
    this.#options = options;
    const { linkSilenceMs: silenceMs = defaultLinkLimits.silenceMs } = options;
    const listener: LinkListener = {
      up: (link) => this.handle({ type: 'link-up', link }),
      message: (link, message) => this.handle({ type: 'message', link, message }),
      down: (link, detail) => {
        options.log(`link ${link} is down: ${detail}`, 'info');
        this.handle({ type: 'link-down', link, detail });
      },
    };
    this.#links = new Links(listener, { ...defaultLinkLimits, silenceMs });
    this.#feed = new TableFeed({
      store: options.store,
      newStore: options.newStore,
      onExecuted: (executed, tableBytes) => this.handle({ type: 'executed', executed, tableBytes }),
      onLoaded: (chunks, tableBytes) => this.handle({ type: 'loaded', chunks, tableBytes }),
      onRoom: () => this.#desk.admit(),
      onFailed: (detail) => this.#break(detail),
    });
    this.#desk = new WriteDesk({
      timeoutMs: options.writeTimeoutMs ?? defaultWriteTimeoutMs,
      now: options.now,
      refusal: (write, replacedBytes) => this.core.writeRefusal(write, replacedBytes, options.now()),
      table: this.#feed,
      submit: (event) => this.handle(event),
      onFailed: (error) => this.#break(`a bug in the chain, with a write that waits: ${stackOf(error)}`),
    });
  }

  /** Why this server cannot answer a read now, see {@link ChainCore.readRefusal}. */
  readRefusal(): Refusal<'NOT_TAIL' | 'NOT_READY' | 'SHUTTING_DOWN'> | undefined {
    if (this.#isBroken) return { code: 'SHUTTING_DOWN', detail: 'this server cannot go on' };
    return this.core.readRefusal(this.#options.now());
  }

  /**
   * The table, to be read in the same turn in which {@link readRefusal} has allowed it. Undefined for the short
   * while that a server which begins a chain anew takes to get an empty one.
   */
  get table(): KeyValueTable | undefined {
    return this.#feed.hasStore ? this.#feed.store.table : undefined;
  }

  /**
   * Has the core handle an event and carries out what follows. A bug in either ends this server's part in the chain:
   * a core that was interrupted half-way cannot be trusted with another event.
   */
  handle(event: ChainEvent): void {
    if (this.#isBroken) return;
    if (this.#isHandling) {
      this.#eventsWaiting.push(event);
      return;
    }
    this.#isHandling = true;
    let type: string = event.type;
    try {
      this.#handleOne(event);
      // What carrying out the effects has caused is bounded by what these are: no event causes itself.
      while (this.#eventsWaiting.length > 0) {
        const next = must(this.#eventsWaiting.shift(), 'there is one');
        type = next.type;
        this.#handleOne(next);
      }
    } catch (error) {
      return this.#break(`a bug in the chain, at event ${type}: ${stackOf(error)}`);
    } finally {
      this.#isHandling = false;
    }
    this.#desk.admit();
    if (this.#waiters.size > 0) for (const { wake } of [...this.#waiters]) wake();
  }

  /** Ends this server's part in the chain: it must not go on. */
  fail(detail: string): void {
    this.#break(detail);
  }

  /** Takes over a connection that another server has opened. */
  accept(socket: Socket, rest: Uint8Array): void {
    this.#links.accept(socket, rest);
  }

  /** Puts a write into the chain, after those that came before it. Answered at once where that can be. */
  write(write: WriteRequest, ack: 'assigned' | 'committed'): WriteReply | Pending<WriteReply> {
    return this.#desk.take(write, ack);
  }

  /**
   * Resolves to true once `condition` holds, looking after every event, or to false after `timeoutMs` or with
   * {@link close}.
   */
  until(condition: () => boolean, timeoutMs?: number): Promise<boolean> {
    if (condition()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (holds: boolean) => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(holds);
      };
      const waiter = { wake: () => condition() && end(true), giveUp: () => end(false) };
      const timer = timeoutMs === undefined ? undefined : setTimeout(waiter.giveUp, timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  /**
   * Closes the links to the other servers, and then the table; whoever waits for the core to get on waits in vain.
   * @throws TableError when the table's executor has died
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#wake);
    this.#links.closeAll();
    this.#desk.close();
    for (const { giveUp } of [...this.#waiters]) giveUp();
    await this.#feed.close();
  }

  #handleOne(event: ChainEvent): void {
    this.core.handle(event, this.#options.now());
    for (const effect of this.core.takeEffects()) {
      if (this.#isBroken) return;
      this.#perform(effect);
    }
  }

  #break(detail: string): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#eventsWaiting.length = 0;
    this.#links.closeAll();
    this.#desk.close();
    this.#options.onStop(detail);
  }

  #perform(effect: ChainEffect): void {
    const { coordination, log, onLeft, onStop } = this.#options;
    switch (effect.type) {
      case 'execute':
        return this.#feed.execute(effect.updates);
      case 'reply':
        return this.#desk.reply(effect.token, effect.reply);
      case 'send':
        return this.#links.send(effect.link, effect.message);
      case 'dial':
        return this.#links.dial(effect.link, effect.address, effect.delayMs);
      case 'close':
        log(`link ${effect.link} is closed: ${effect.detail}`, 'info');
        return this.#links.close(effect.link);
      case 'wipe':
        log(`beginning with an empty table, at update ${effect.seq}`, 'info');
        return this.#feed.wipe(effect.seq);
      case 'load':
        return this.#feed.load(effect.entries);
      case 'read-chunk':
        return this.#readChunk(effect);
      case 'read-directory':
        return coordination()?.readDirectory();
      case 'change-directory':
        log(`changing the directory: ${JSON.stringify(effect.change)}`, 'info');
        return coordination()?.change(effect.change);
      case 'heartbeats':
        return coordination()?.heartbeats(effect.id);
      case 'wake':
        clearTimeout(this.#wake);
        this.#wake = setTimeout(() => this.handle({ type: 'wake' }), effect.delayMs);
        return;
      case 'log':
        return log(effect.detail, effect.level);
      case 'left':
        return onLeft();
      case 'stop':
        return onStop(effect.detail);
      default:
        return unreachable(effect);
    }
  }

  /** In a turn of its own: reads and writes of clients come in between. */
  #readChunk({ link, cursor }: Extract<ChainEffect, { type: 'read-chunk' }>): void {
    setImmediate(() => {
      // The table of a server that has begun anew since has nothing to do with the cursor, and nobody waits for it.
      if (this.#isBroken || this.#isClosed || !this.core.isMember) return;
      if (!this.#feed.hasStore) {
        setTimeout(() => this.#readChunk({ type: 'read-chunk', link, cursor }), tableRetryMs);
        return;
      }
      try {
        this.handle({ type: 'chunk', link, ...this.#feed.read(cursor, chunkBytesMax) });
      } catch (error) {
        this.#break(`the table cannot be read: ${String(error)}`);
      }
    });
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
