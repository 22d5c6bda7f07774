import type { KeyValueTable } from '@tablelab/part1';
import type { Deferred } from '@tablelab/part3';
import { must, unreachable } from '@tablelab/shared';
import { defaultReserveBytes, RoomWatch } from '@tablelab/shared/disk';
import type { ChainCore } from '../core/chain-core.ts';
import { noEntry, type TableEntry } from '../core/condition.ts';
import type { DirectoryChange } from '../core/directory.ts';
import { type DiskRoom, noRoomReason } from '../core/disk-room.ts';
import type { ChainEffect, ChainEvent, LastCopy, Refusal, WriteReply } from '../core/effects.ts';
import { copiedFrom, snapshotOf } from '../core/history.ts';
import { isSameLasting, type Lasting, lastingIn } from '../core/lasting.ts';
import type { WriteRequest } from '../core/update.ts';
import type { ServerId } from '../core/view.ts';
import type { AcceptedConnection, Clock, ReplicaStore, StoreEntries, Timer, Transport } from '../ports.ts';
import { Checkpoints } from './disk/checkpoints.ts';
import { LogReader } from './disk/log-reader.ts';
import type { Data } from './disk/open-journal.ts';
import { WriteAhead } from './disk/write-ahead.ts';
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
  /** What it has on disk; undefined: it keeps everything in memory. */
  readonly data?: Pick<Data, 'disk' | 'journal' | 'logBytes' | 'freeBytes'> | undefined;
  /** See {@link CheckpointOptions.logBytesMax}. */
  readonly logBytesMax?: number | undefined;
  /** See {@link CheckpointOptions.keptBytesMax}. */
  readonly keptLogBytesMax?: number | undefined;
  /** See {@link RoomWatchOptions.reserveBytes}. */
  readonly reserveBytes?: number | undefined;
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

/** A snapshot is made when the logs on disk are this long, in bytes: reading as much takes about a second. */
const defaultLogBytesMax = 128 << 20;

/** How much of the logs is kept for servers that were away, besides those that a start needs, in bytes. */
const defaultKeptLogBytesMax = 256 << 20;

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
  readonly #ahead: WriteAhead;
  readonly #checkpoints: Checkpoints | undefined;
  readonly #room: RoomWatch | undefined;
  readonly #logReader: LogReader | undefined;
  /** Rises when the state begins anew. */
  #generation = 0;
  /** What is on the disk, or will be before anything that follows from it is done. */
  #lasting: Lasting;
  /** Whether the effects of an event wait until what it has changed for good is on the disk. */
  #isHeld = false;
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
    const { data } = options;
    this.#ahead = new WriteAhead(data?.journal);
    this.#lasting = lastingIn(core.state);
    this.#checkpoints = data && this.#checkpointsOf(data);
    this.#room = data && this.#watchRoom(data);
    this.#logReader = data && new LogReader({ ...data, log: options.log });
    data?.journal.listen({
      full: () => this.#onFull(),
      kept: (blocks) => this.#onKept(blocks),
      failed: (error) => this.#break(`the disk has failed, and this server ends: ${error.message}`),
    });
    this.#applier = new TableApplier({
      store: options.store,
      seq: core.executed,
      newStore: options.newStore,
      onExecuted: (executed) => this.handle({ type: 'executed', executed, tableBytes: this.#tableBytes }),
      onLoaded: (chunks) => this.handle({ type: 'loaded', chunks, tableBytes: this.#tableBytes }),
      onFailed: (detail) => this.#break(detail),
    });
    this.#writes = new PendingWrites({
      clock,
      timeoutMs: options.writeTimeoutMs ?? defaultWriteTimeoutMs,
      refusal: (write, entry) => this.#writeRefusal(write, entry),
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

  /** Some entries of {@link table}, see {@link TableApplier.read}. */
  readEntries(cursor: number, bytesMax: number): StoreEntries & { readonly executed: number } {
    return this.#applier.read(cursor, bytesMax);
  }

  /**
   * Passes an event to the core and carries out its effects. A bug in either ends this server's part in the chain: the
   * core may be in an inconsistent state and must not get another event.
   */
  handle(event: ChainEvent): void {
    if (this.#isBroken) return;
    this.#eventsWaiting.push(event);
    if (!this.#isHandling && !this.#isHeld) this.#handleAll();
  }

  #handleAll(): void {
    this.#isHandling = true;
    let type = 'none';
    try {
      // Carrying out effects may queue events. This ends, because no event causes another of its own kind without end.
      while (this.#eventsWaiting.length > 0 && !this.#isHeld) {
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
    this.#room?.close();
    await this.#checkpoints?.close();
    await this.#options.data?.journal.close();
    this.#ahead.close();
    await this.#applier.close();
  }

  #handleOne(event: ChainEvent): void {
    const { clock, observer } = this.#options;
    observer?.handling(event);
    this.core.handle(event, clock.now());
    const effects = this.core.takeEffects();
    // Every event passes here: without a disk, nothing is compared.
    const lasting = this.#ahead.isDurable ? lastingIn(this.core.state) : this.#lasting;
    if (this.#ahead.isDurable && !isSameLasting(lasting, this.#lasting)) this.#hold(event, effects, lasting);
    else this.#performAll(event, effects);
  }

  #performAll(event: ChainEvent, effects: readonly ChainEffect[]): void {
    const { observer } = this.#options;
    for (const effect of effects) {
      if (this.#isBroken) return;
      observer?.performing(effect);
      this.#perform(effect);
    }
    observer?.handled(event);
  }

  /** Carries out the effects of an event, and handles the next one, once what it has changed for good is on the disk. */
  #hold(event: ChainEvent, effects: readonly ChainEffect[], lasting: Lasting): void {
    this.#lasting = lasting;
    this.#isHeld = true;
    // The old table must report nothing more from now on.
    const wipe = effects.find(({ type }) => type === 'wipe');
    if (wipe !== undefined) {
      this.#options.observer?.performing(wipe);
      this.#perform(wipe);
    }
    this.#ahead.keep({ type: 'lasting', lasting }, () => {
      this.#isHeld = false;
      this.#performAll(
        event,
        effects.filter((effect) => effect !== wipe),
      );
    });
  }

  #onKept(blocks: number): void {
    this.#isHandling = true;
    try {
      this.#ahead.onKept(blocks);
    } catch (error) {
      return this.#break(`a bug in the chain, after a write to the disk: ${stackOf(error)}`);
    } finally {
      this.#isHandling = false;
    }
    if (!this.#isHeld) this.#handleAll();
    this.#room?.count();
    this.#checkpoints?.consider();
  }

  #watchRoom({ disk, journal, freeBytes }: Pick<Data, 'disk' | 'journal' | 'freeBytes'>): RoomWatch {
    const { clock, log, reserveBytes = defaultReserveBytes } = this.#options;
    const written = () => journal.writtenBytes;
    const consequence = 'while it is the head, this server takes no writes';
    const onChange = (room: DiskRoom) => {
      if (room !== 'enough') this.#checkpoints?.makeRoom();
      this.handle({ type: 'room', room });
    };
    return new RoomWatch({ disk, clock, written, reserveBytes, freeBytes, onChange, consequence, log });
  }

  /** The chain would wait for a server that cannot write what it gets. The head keeps its place, and answers reads if alone. */
  #onFull(): void {
    if (!this.core.isHead) return this.#break(noRoomReason);
    this.#room?.noteFull();
  }

  #checkpointsOf({ disk, journal, logBytes }: Pick<Data, 'disk' | 'journal' | 'logBytes'>): Checkpoints {
    const { clock, log, logBytesMax = defaultLogBytesMax } = this.#options;
    const { keptLogBytesMax: keptBytesMax = defaultKeptLogBytesMax } = this.#options;
    const lasting = () => this.#lasting;
    const generation = () => this.#generation;
    const hasRoom = () => this.#room?.room === 'enough';
    const { core } = this;
    const source = {
      get lasting() {
        return lasting();
      },
      get generation() {
        return generation();
      },
      get hasRoom() {
        return hasRoom();
      },
      get received() {
        return core.received;
      },
      get executed() {
        return core.executed;
      },
      snapshot: () => snapshotOf(core.state.history),
      read: (cursor: number) => {
        const isThere = this.#applier.store !== undefined;
        return isThere ? this.#applier.read(cursor, chunkBytesMax) : undefined;
      },
    };
    return new Checkpoints({ disk, journal, clock, source, log, logBytes, logBytesMax, keptBytesMax });
  }

  #writeRefusal(write: WriteRequest, entry: TableEntry): Refusal | undefined {
    if (this.#isHeld) return { code: 'BUSY', detail: 'this server waits for its disk', mayWait: true };
    return this.core.writeRefusal(write, entry, this.#options.clock.now());
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
    this.#room?.close();
    this.#eventsWaiting.length = 0;
    this.#ahead.close();
    this.#links.closeAll();
    this.#writes.close();
    this.#options.onStop(detail);
  }

  #perform(effect: ChainEffect): void {
    const { clock, coordination, log, onLeft, onStop } = this.#options;
    switch (effect.type) {
      case 'execute': {
        const { updates } = effect;
        return this.#ahead.work({ type: 'updates', updates }, () => this.#applier.execute(updates));
      }
      case 'reply':
        return this.#reply(effect);
      case 'send':
        return this.#links.send(effect.link, effect.message);
      case 'dial':
        return this.#links.dial(effect.link, effect.address, effect.delayMs);
      case 'close':
        log(`link ${effect.link} is closed: ${effect.detail}`, 'info');
        return this.#links.close(effect.link);
      case 'wipe':
        log(`beginning with an empty table, at update ${effect.seq}`, 'info');
        this.#generation += 1;
        this.#ahead.begin(() => ({ type: 'begin', snapshot: copiedFrom(this.core.state.history) }));
        return this.#applier.wipe(effect.seq);
      case 'load': {
        const { entries } = effect;
        return this.#ahead.work({ type: 'chunk', entries }, () => this.#applier.load(entries));
      }
      case 'read-chunk':
        return this.#readChunk(effect);
      case 'read-log':
        return this.#readLog(effect);
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

  /** ASSIGNED is a promise of the head alone, which has the write on its disk then. COMMITTED comes after all disks. */
  #reply({ token, reply }: Extract<ChainEffect, { type: 'reply' }>): void {
    if (reply.type === 'assigned') this.#ahead.settled(() => this.#writes.reply(token, reply));
    else this.#writes.reply(token, reply);
  }

  #readLog({ link, ...range }: Extract<ChainEffect, { type: 'read-log' }>): void {
    void this.#logReader?.read(range).then((updates) => this.handle({ type: 'log-read', link, updates }));
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
