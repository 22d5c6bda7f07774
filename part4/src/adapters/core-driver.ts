import type { KeyValueTable } from '@tablelab/part1';
import type { Deferred } from '@tablelab/part3';
import { must, unreachable } from '@tablelab/shared';
import type { ChainCore } from '../core/chain-core.ts';
import { noEntry, type TableEntry } from '../core/condition.ts';
import type { DirectoryChange } from '../core/directory.ts';
import type { ChainEffect, ChainEvent, LastCopy, Refusal, WriteReply } from '../core/effects.ts';
import type { WriteRequest } from '../core/update.ts';
import type { ServerId } from '../core/view.ts';
import type { AcceptedConnection, Clock, ReplicaStore, Timer, Transport } from '../ports.ts';
import { defaultLinkLimits, Links, type LinksListener } from './links/links.ts';
import { PendingWrites } from './pending-writes.ts';
import { TableApplier } from './table-applier.ts';

/** The core's requests to ZooKeeper. */
export interface Coordination {
  readDirectory(): void;
  change(change: DirectoryChange): void;
  heartbeats(id: ServerId | undefined): void;
}

/** Observes a driver, for tests and the simulator. It must not influence the driver. */
export interface DriverObserver {
  /** The core is about to handle an event. */
  handling(event: ChainEvent): void;
  /** An effect is about to be carried out. */
  performing(effect: ChainEffect): void;
  /** The core has handled an event, and its effects have been carried out. */
  handled(event: ChainEvent): void;
}

export interface CoreDriverOptions {
  readonly core: ChainCore;
  readonly store: ReplicaStore;
  /** Makes an empty store like the first, for a server that has to start over. */
  readonly newStore: () => Promise<ReplicaStore>;
  readonly transport: Transport;
  readonly clock: Clock;
  /** Called only after a session has started, which is an event that comes from there. */
  readonly coordination: () => Coordination | undefined;
  readonly observer?: DriverObserver | undefined;
  /** Called when this server cannot stay in the chain; only the first reason counts. */
  readonly onStop: (detail: string) => void;
  /** Called when the server has left after a `leave` event. */
  readonly onLeft: (lastCopy: LastCopy | undefined) => void;
  /** Takes one line for the log. */
  readonly log: (line: string, level: 'info' | 'warn') => void;
  /** How long a write may wait for room in the chain and for its answer, in milliseconds. */
  readonly writeTimeoutMs?: number;
  /** A link is closed when nothing has arrived over it for this long, in milliseconds. */
  readonly linkSilenceMs?: number;
  /** See {@link LinkLimits.strangersMax}. */
  readonly strangerLinksMax?: number;
}

const defaultWriteTimeoutMs = 30_000;

/** How much of the table is read at once for a copy, in bytes: clients wait meanwhile, about half a millisecond. */
const chunkBytesMax = 64 * 1024;

/** The pause before another attempt to read a chunk while the new table is being made, in milliseconds. */
const tableRetryMs = 10;

/**
 * The host of a core: turns what happens into events for it, and carries out its effects. The table executes the
 * updates, links carry the messages, ZooKeeper holds the directory; the driver makes no decisions. {@link ChainCore}
 * lists the duties of a host.
 *
 * Invariant: effects are carried out in the order in which the core gave them, and no event is handled in between:
 * events that occur meanwhile are queued.
 */
export class CoreDriver {
  readonly core: ChainCore;
  readonly #options: CoreDriverOptions;
  readonly #links: Links;
  readonly #applier: TableApplier;
  readonly #writes: PendingWrites;
  /** See {@link until}. */
  readonly #waiters = new Set<{ readonly wake: () => void; readonly giveUp: () => void }>();
  readonly #eventsWaiting: ChainEvent[] = [];
  #isHandling = false;
  #isBroken = false;
  #isClosed = false;
  #wake: Timer | undefined;
  #linkTrouble: string | undefined;

  constructor(options: CoreDriverOptions) {
    this.core = options.core;
    this.#options = options;
    const { core, clock, transport, linkSilenceMs: silenceMs = defaultLinkLimits.silenceMs } = options;
    const { strangerLinksMax: strangersMax = defaultLinkLimits.strangersMax } = options;
    const limits = { ...defaultLinkLimits, silenceMs, strangersMax };
    const listener: LinksListener = {
      up: (link) => this.handle({ type: 'link-up', link }),
      message: (link, message) => this.handle({ type: 'message', link, message }),
      down: (link, detail) => {
        this.#linkTrouble = detail;
        options.log(`link ${link} is down: ${detail}`, 'info');
        this.handle({ type: 'link-down', link, detail });
      },
    };
    this.#links = new Links({ transport, clock, listener, limits });
    this.#applier = new TableApplier({
      store: options.store,
      newStore: options.newStore,
      onExecuted: (executed) => this.handle({ type: 'executed', executed, tableBytes: this.#tableBytes }),
      onLoaded: (chunks) => this.handle({ type: 'loaded', chunks, tableBytes: this.#tableBytes }),
      onFailed: (detail) => this.#break(detail),
    });
    this.#writes = new PendingWrites({
      clock,
      timeoutMs: options.writeTimeoutMs ?? defaultWriteTimeoutMs,
      refusal: (write, entry) => core.writeRefusal(write, entry, clock.now()),
      entryOf: (write) => this.#entryOf(write),
      submit: (event) => this.handle(event),
      onFailed: (error) => this.#break(`a bug in the chain, with a write that waits: ${stackOf(error)}`),
    });
  }

  /** Why this server cannot answer a read now, see {@link ChainCore.readRefusal}. */
  readRefusal(): Refusal<'NOT_TAIL' | 'NOT_READY' | 'SHUTTING_DOWN'> | undefined {
    if (this.#isBroken) return { code: 'SHUTTING_DOWN', detail: 'this server cannot go on' };
    return this.core.readRefusal(this.#options.clock.now());
  }

  /** Why a link ended last, for the log. */
  get linkTrouble(): string | undefined {
    return this.#linkTrouble;
  }

  /** The approximate size of all its keys in a message, in bytes. */
  get keysBytes(): number {
    return this.#applier.store?.keysBytes ?? 0;
  }

  /**
   * The table. The caller must read it in the same turn in which {@link readRefusal} has allowed it. Undefined while a
   * server that starts over is waiting for its empty table.
   */
  get table(): KeyValueTable | undefined {
    return this.#applier.store?.table;
  }

  /**
   * Passes an event to the core and carries out its effects. A bug in either ends this server's part in the chain: the
   * core may be in an inconsistent state and must not get another event.
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
      // Carrying out effects may queue events. This ends, because no event causes another of its own kind without end.
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
    this.#writes.admit();
    if (this.#waiters.size > 0) for (const { wake } of [...this.#waiters]) wake();
  }

  /**
   * Takes over a connection on which another server has sent the preface of a link. `rest`: the bytes after the
   * preface.
   */
  accept(incoming: AcceptedConnection, rest: Uint8Array): void {
    this.#links.accept(incoming, rest);
  }

  /** Submits a write to the chain, after all earlier ones. The reply is immediate if possible. */
  write(write: WriteRequest, ack: 'assigned' | 'committed'): WriteReply | Deferred<WriteReply> {
    return this.#writes.add(write, ack);
  }

  /**
   * Resolves to true once `condition` holds, which is checked after every event, or to false after `timeoutMs` or on
   * {@link close}.
   */
  until(condition: () => boolean, timeoutMs?: number): Promise<boolean> {
    if (condition()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (holds: boolean) => {
        timer?.cancel();
        this.#waiters.delete(waiter);
        resolve(holds);
      };
      const waiter = { wake: () => condition() && end(true), giveUp: () => end(false) };
      const timer = timeoutMs === undefined ? undefined : this.#options.clock.after(timeoutMs, waiter.giveUp);
      this.#waiters.add(waiter);
    });
  }

  /**
   * Closes the links to the other servers, and then the table; {@link until} resolves to false.
   * @throws TableError when the table's executor has died
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake?.cancel();
    this.#links.closeAll();
    this.#writes.close();
    for (const { giveUp } of [...this.#waiters]) giveUp();
    await this.#applier.close();
  }

  #handleOne(event: ChainEvent): void {
    const { clock, observer } = this.#options;
    observer?.handling(event);
    this.core.handle(event, clock.now());
    for (const effect of this.core.takeEffects()) {
      if (this.#isBroken) return;
      observer?.performing(effect);
      this.#perform(effect);
    }
    observer?.handled(event);
  }

  /** 0 while a new, empty table is being made. */
  get #tableBytes(): number {
    return this.#applier.store?.logicalBytes ?? 0;
  }

  #entryOf({ key, expected }: WriteRequest): TableEntry {
    const { store } = this.#applier;
    if (store === undefined) return noEntry;
    return {
      bytes: store.logicalBytesOf(key),
      isExpected: expected !== undefined && store.hasValue(key, expected),
    };
  }

  #break(detail: string): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#eventsWaiting.length = 0;
    this.#links.closeAll();
    this.#writes.close();
    this.#options.onStop(detail);
  }

  #perform(effect: ChainEffect): void {
    const { clock, coordination, log, onLeft, onStop } = this.#options;
    switch (effect.type) {
      case 'execute':
        return this.#applier.execute(effect.updates);
      case 'reply':
        return this.#writes.reply(effect.token, effect.reply);
      case 'send':
        return this.#links.send(effect.link, effect.message);
      case 'dial':
        return this.#links.dial(effect.link, effect.address, effect.delayMs);
      case 'close':
        log(`link ${effect.link} is closed: ${effect.detail}`, 'info');
        return this.#links.close(effect.link);
      case 'wipe':
        log(`beginning with an empty table, at update ${effect.seq}`, 'info');
        return this.#applier.wipe(effect.seq);
      case 'load':
        return this.#applier.load(effect.entries);
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
        this.#wake?.cancel();
        this.#wake = clock.after(effect.delayMs, () => this.handle({ type: 'wake' }));
        return;
      case 'log':
        return log(effect.detail, effect.level);
      case 'left':
        return onLeft(effect.lastCopy);
      case 'stop':
        return onStop(effect.detail);
      default:
        return unreachable(effect);
    }
  }

  /** Runs in a separate turn, so that clients are served in between. */
  #readChunk(effect: Extract<ChainEffect, { type: 'read-chunk' }>): void {
    const { clock } = this.#options;
    clock.soon(() => {
      // If the server has started over since, the cursor is invalid and the chunk is no longer needed.
      if (this.#isBroken || this.#isClosed || !this.core.isMember) return;
      if (this.#applier.store === undefined) {
        clock.after(tableRetryMs, () => this.#readChunk(effect));
        return;
      }
      try {
        const { link, cursor } = effect;
        this.handle({ type: 'chunk', link, ...this.#applier.read(cursor, chunkBytesMax) });
      } catch (error) {
        this.#break(`the table cannot be read: ${String(error)}`);
      }
    });
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
