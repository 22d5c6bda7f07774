import type { Socket } from 'node:net';
import type { TableStore } from '@tablelab/part3';
import { assert, TableError, unreachable } from '@tablelab/shared';
import type { ChainCore } from '../core/chain-core.ts';
import type { ChainEffect, ChainEvent, RequestToken, WriteReply } from '../core/effects.ts';
import type { Update, WriteRequest } from '../core/update.ts';
import { Links } from './links.ts';

export interface CoreDriverOptions {
  readonly core: ChainCore;
  readonly store: TableStore;
  /** Asked for when another server knows of a newer view; the view comes in as an event. */
  readonly readView: () => void;
  /** Called when this server cannot stay in the chain: the first reason is the one that counts. */
  readonly onLeave: (detail: string) => void;
  /** What happens to the links, for a person to read: one line each. */
  readonly log: (line: string) => void;
}

/** A client's write on its way into the chain. */
interface WaitingWrite {
  readonly write: WriteRequest;
  readonly admit: () => void;
  readonly refuse: (error: TableError) => void;
}

/**
 * Turns what happens into events for the core and carries its effects out: the table of part 3 executes the updates,
 * the links carry the messages. It decides nothing itself.
 *
 * Invariant: effects are carried out in the order in which the core gave them, and no event is handled in between.
 */
export class CoreDriver {
  readonly core: ChainCore;
  readonly #options: CoreDriverOptions;
  readonly #links: Links;
  readonly #replies = new Map<RequestToken, (reply: WriteReply) => void>();
  /** Whoever waits for the core to get on: a start, a stop. */
  readonly #waiters = new Set<{ readonly wake: () => void; readonly giveUp: () => void }>();
  /** Writes that wait for room, the oldest first. Bounded by the requests that connections may have open. */
  readonly #writesWaiting = new Set<WaitingWrite>();
  /** Updates that the table has no room for yet, in order: part of the core's log, and so bounded by its limits. */
  readonly #toExecute: Update[] = [];
  #isAdmitting = false;
  #isBroken = false;
  #tokens = 0;

  constructor(options: CoreDriverOptions) {
    this.core = options.core;
    this.#options = options;
    this.#links = new Links({
      up: (link) => this.handle({ type: 'link-up', link }),
      message: (link, message) => this.handle({ type: 'message', link, message }),
      down: (link, detail) => {
        options.log(`link ${link} is down: ${detail}`);
        this.handle({ type: 'link-down', link, detail });
      },
    });
    options.store.onExecuted((executed) => {
      this.#executeUpdates();
      this.handle({ type: 'executed', executed });
    });
  }

  /**
   * Has the core handle an event and carries out what follows. A bug in either ends this server's part in the chain:
   * a core that was interrupted half-way cannot be trusted with another event.
   */
  handle(event: ChainEvent): void {
    if (this.#isBroken) return;
    try {
      this.core.handle(event);
      for (const effect of this.core.takeEffects()) this.#perform(effect);
    } catch (error) {
      this.#isBroken = true;
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#options.onLeave(`a bug in the chain, at event ${event.type}: ${text}`);
      return;
    }
    this.#admitWrites();
    for (const { wake } of [...this.#waiters]) wake();
  }

  /** Takes over a connection that another server has opened. */
  accept(socket: Socket, rest: Uint8Array): void {
    this.#links.accept(socket, rest);
  }

  /**
   * Puts a write into the chain, after those that came before it.
   * @throws TableError BUSY after `timeoutMs` without room: it did not happen; TIMEOUT after `timeoutMs` without an
   *   answer: it may have.
   */
  write(write: WriteRequest, ack: 'assigned' | 'committed', timeoutMs: number): Promise<WriteReply> {
    const answer = Promise.withResolvers<WriteReply>();
    const token = this.#tokens;
    this.#tokens += 1;
    const waiting: WaitingWrite = {
      write,
      admit: () => {
        this.#replies.set(token, answer.resolve);
        this.handle({ type: 'write', token, write, ack });
      },
      refuse: answer.reject,
    };
    const timer = setTimeout(() => {
      const wasWaiting = this.#writesWaiting.delete(waiting);
      this.#replies.delete(token);
      const text = wasWaiting
        ? `the chain had no room for another write for ${timeoutMs} ms`
        : `the chain has not executed this write everywhere after ${timeoutMs} ms`;
      answer.reject(new TableError(wasWaiting ? 'BUSY' : 'TIMEOUT', text, { mayHaveHappened: !wasWaiting }));
    }, timeoutMs);
    this.#writesWaiting.add(waiting);
    this.#admitWrites();
    return answer.promise.finally(() => clearTimeout(timer));
  }

  /**
   * Resolves to true once `condition` holds, looking after every event, or to false after `timeoutMs` or with
   * {@link close}.
   */
  until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    if (condition()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (holds: boolean) => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(holds);
      };
      const waiter = { wake: () => condition() && end(true), giveUp: () => end(false) };
      const timer = setTimeout(waiter.giveUp, timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  /** Closes the links to the other servers; whoever waits for the core to get on waits in vain. */
  close(): void {
    this.#links.closeAll();
    for (const { giveUp } of [...this.#waiters]) giveUp();
  }

  /** Lets waiting writes in, in the order in which they came, as long as the chain and the table have room. */
  #admitWrites(): void {
    // Admitting a write is an event, after which this is called again.
    if (this.#isAdmitting) return;
    this.#isAdmitting = true;
    for (const waiting of this.#writesWaiting) {
      const refusal = this.core.writeRefusal();
      // What the core refuses for another reason is answered at once, whatever the table has room for.
      if (refusal?.code === 'BUSY') break;
      if (refusal === undefined && this.#options.store.mustWait(waiting.write)) break;
      this.#writesWaiting.delete(waiting);
      const full = refusal === undefined ? this.#options.store.memoryRefusal(waiting.write) : undefined;
      if (full === undefined) waiting.admit();
      else waiting.refuse(full);
    }
    this.#isAdmitting = false;
  }

  #perform(effect: ChainEffect): void {
    switch (effect.type) {
      case 'execute':
        this.#toExecute.push(...effect.updates);
        return this.#executeUpdates();
      case 'reply':
        this.#replies.get(effect.token)?.(effect.reply);
        this.#replies.delete(effect.token);
        return;
      case 'dial':
        return this.#links.dial(effect.link, effect.server.address, effect.delayMs);
      case 'send':
        return this.#links.send(effect.link, effect.message);
      case 'close':
        this.#options.log(`link ${effect.link} is closed: ${effect.detail}`);
        return this.#links.close(effect.link);
      case 'read-view':
        return this.#options.readView();
      case 'leave':
        return this.#options.onLeave(effect.detail);
      default:
        return unreachable(effect);
    }
  }

  /** A server whose table cannot take an update has no place in the chain: it would fall behind for ever. */
  #executeUpdates(): void {
    const { store, onLeave } = this.#options;
    let taken = 0;
    try {
      for (const update of this.#toExecute) {
        if (store.mustWait(update)) break;
        const opN = store.submit(update);
        assert(opN === update.seq, `the table's operation ${opN} is the chain's update ${update.seq}`);
        taken += 1;
      }
    } catch (error) {
      if (!(error instanceof TableError)) throw error;
      onLeave(`the table cannot take an update of the chain: ${error.message}`);
    }
    this.#toExecute.splice(0, taken);
  }
}
