import type { ChainEffect, ChainEvent, LinkId } from '../src/core/effects.ts';
import type { ChainLimits } from '../src/core/limits.ts';
import { type Update, updateBytes } from '../src/core/update.ts';
import { rule } from './history-tree.ts';

interface SentUpdate {
  readonly seq: number;
  readonly bytes: number;
}

/** What a server has sent to a joining server and what is not acknowledged. */
interface Lag {
  readonly updates: SentUpdate[];
  chunksSent: number;
  chunksLoaded: number;
  /** The last update sent before a chunk was asked for, in the event that is being handled. */
  readBehind: number | undefined;
}

/**
 * Checks one server's limits: for updates that wait for the rest of the chain, and for data under way to a joining
 * server. It counts independently, from the core's events and effects.
 */
export class FlowCheck {
  readonly #name: string;
  readonly #limits: ChainLimits;
  /** Updates that are not known to be stable. */
  #unsettled: SentUpdate[] = [];
  readonly #lags = new Map<LinkId, Lag>();
  #hasExecuted = false;

  constructor(name: string, limits: ChainLimits) {
    this.#name = name;
    this.#limits = limits;
  }

  onEffect(effect: ChainEffect): void {
    switch (effect.type) {
      case 'execute':
        this.#hasExecuted = true;
        for (const update of effect.updates) {
          this.#unsettled.push(sentUpdate(update));
        }
        return;
      case 'wipe':
        this.#unsettled = [];
        return;
      case 'close':
        this.#lags.delete(effect.link);
        return;
      case 'send':
        return this.#onSend(effect);
      case 'read-chunk': {
        const lag = this.#lags.get(effect.link);
        if (lag !== undefined) lag.readBehind = lag.updates.at(-1)?.seq ?? -1;
        return;
      }
      default:
        return;
    }
  }

  onHandled(event: ChainEvent, stable: number): void {
    if (event.type === 'link-down') this.#lags.delete(event.link);
    if (event.type === 'message' && event.message.type === 'progress') {
      const lag = this.#lags.get(event.link);
      if (lag !== undefined) {
        const { executed } = event.message;
        while (lag.updates[0] !== undefined && lag.updates[0].seq < executed) lag.updates.shift();
        lag.chunksLoaded = event.message.chunks;
      }
    }
    // The head has already admitted the updates from a predecessor.
    if (event.type === 'write' && this.#hasExecuted) this.#checkLog(stable);
    this.#hasExecuted = false;
    for (const lag of this.#lags.values()) {
      this.#checkLag(lag);
      this.#checkChunkLag(lag);
    }
  }

  #onSend({ link, message }: Extract<ChainEffect, { type: 'send' }>): void {
    if (message.type === 'hello' && message.joining) {
      this.#lags.set(link, { updates: [], chunksSent: 0, chunksLoaded: 0, readBehind: undefined });
    }
    // The receiver has entered the chain, and is no longer joining.
    if (message.type === 'handover') this.#lags.delete(link);
    const lag = this.#lags.get(link);
    if (lag === undefined) return;
    if (message.type === 'chunk') lag.chunksSent += 1;
    if (message.type === 'updates') lag.updates.push(...message.updates.map(sentUpdate));
  }

  #checkLog(stable: number): void {
    const first = this.#unsettled.findIndex(({ seq }) => seq >= stable);
    this.#unsettled = first < 0 ? [] : this.#unsettled.slice(first);
    const { logUpdatesMax, logBytesMax } = this.#limits;
    const count = this.#unsettled.length;
    rule(count <= logUpdatesMax, () => `${this.#name} has ${count} unsettled updates, of ${logUpdatesMax}`);
    // The write that exceeds the limit is still accepted.
    const bytes = this.#unsettled.slice(0, -1).reduce((sum, update) => sum + update.bytes, 0);
    rule(bytes < logBytesMax, () => `${this.#name} has ${bytes} unsettled bytes and more, of ${logBytesMax}`);
  }

  /** A copy that lags behind must not lag further. */
  #checkChunkLag(lag: Lag): void {
    const { chunkLagUpdatesMax } = this.#limits;
    const { readBehind } = lag;
    if (readBehind === undefined) return;
    lag.readBehind = undefined;
    const count = lag.updates.filter(({ seq }) => seq <= readBehind).length;
    rule(count <= chunkLagUpdatesMax, () => `${this.#name} copies on with ${count} updates under way`);
  }

  #checkLag({ updates, chunksSent, chunksLoaded }: Lag): void {
    const { lagUpdatesMax, lagBytesMax, chunksUnderWayMax } = this.#limits;
    const count = updates.length;
    const bytes = updates.reduce((sum, update) => sum + update.bytes, 0);
    rule(count <= lagUpdatesMax, () => `${this.#name} has ${count} updates under way, of ${lagUpdatesMax}`);
    rule(bytes <= lagBytesMax, () => `${this.#name} has ${bytes} bytes under way, of ${lagBytesMax}`);
    const chunks = chunksSent - chunksLoaded;
    rule(chunks <= chunksUnderWayMax, () => `${this.#name} has ${chunks} chunks under way`);
  }
}

function sentUpdate(update: Update): SentUpdate {
  return { seq: update.seq, bytes: updateBytes(update) };
}
