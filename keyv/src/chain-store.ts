import { EventEmitter } from 'node:events';
import { batch, type ChainTable } from '@tablelab/part4';
import { checkMilliseconds, checkText, TableError } from '@tablelab/shared';
import { decodeValue, emptiedValue, encodeValue } from './stored-value.ts';

export interface ChainStoreOptions {
  /** Stands before every key, so that other programs may use the same chain. Default: nothing. */
  readonly prefix?: string;
}

export interface StoredEntry {
  readonly key: string;
  readonly value: unknown;
  /** Milliseconds until it expires; undefined: never. */
  readonly ttl?: number | undefined;
}

/** How many calls of one operation on many keys are under way at once. */
const inFlightMax = 64;

/**
 * Keyv's storage adapter (https://keyv.org/docs/storage-adapters) over a chain:
 *
 *     const keyv = new Keyv({ store: new ChainStore(await ChainTable.connect({ zookeeper })), namespace: 'users' });
 *
 * The store owns the table: {@link disconnect} disconnects it. Keyv puts the namespace before each key (`users:ann`), so its
 * `useKeyPrefix` stays true. Values are the texts of Keyv's serializer, or bytes.
 *
 * A time to live counts from the clock of the program that sets the value and is compared with the clock of the program that
 * reads it. An expired value is absent; the first read that meets it empties it, unless it has changed meanwhile. Its key
 * stays in the table until it is set, deleted or cleared.
 *
 * Every call rejects with the TableError of the table. A failed read is also an event `error` of the store, which Keyv
 * passes on; of a failed write, Keyv itself makes that event.
 */
export class ChainStore extends EventEmitter {
  /** Keyv 5 offers `iterator()` only with stores whose dialect it knows; this one stands for all that have an iterator. */
  readonly opts: { dialect: string; [option: string]: unknown } = { dialect: 'etcd' };
  /** Set by Keyv. */
  namespace: string | undefined;
  readonly #table: ChainTable;
  readonly #prefix: string;

  constructor(table: ChainTable, { prefix = '' }: ChainStoreOptions = {}) {
    checkText('prefix', prefix);
    super();
    this.#table = table;
    this.#prefix = prefix;
  }

  /** The value; undefined for an absent or expired one. */
  get(key: string): Promise<string | Uint8Array | undefined> {
    return this.#reading(() => this.#find(key));
  }

  getMany(keys: readonly string[]): Promise<(string | Uint8Array | undefined)[]> {
    return this.#reading(() => this.#each(keys, (key) => this.#find(key)));
  }

  has(key: string): Promise<boolean> {
    return this.#reading(async () => (await this.#find(key)) !== undefined);
  }

  hasMany(keys: readonly string[]): Promise<boolean[]> {
    return this.#reading(() => this.#each(keys, async (key) => (await this.#find(key)) !== undefined));
  }

  /** `ttl`: milliseconds until it expires; undefined: never. */
  async set(key: string, value: unknown, ttl?: number): Promise<true> {
    if (ttl !== undefined) checkMilliseconds('ttl', ttl);
    const expiresAt = ttl === undefined ? Number.POSITIVE_INFINITY : Date.now() + ttl;
    await this.#table.put(this.#keyOf(key), encodeValue(value, expiresAt));
    return true;
  }

  /** Whether each was set; one that was not is also an event `error`. */
  async setMany(entries: readonly StoredEntry[]): Promise<boolean[]> {
    const isSet: boolean[] = [];
    const set = ({ key, value, ttl }: StoredEntry) => this.set(key, value, ttl);
    for await (const { error } of batch(entries, set, { inFlightMax })) {
      if (error !== undefined) this.#report(error);
      isSet.push(error === undefined);
    }
    return isSet;
  }

  /** Whether the key was there. */
  async delete(key: string): Promise<boolean> {
    return (await this.#table.del(this.#keyOf(key))).applied === true;
  }

  /** Whether all keys were there. */
  async deleteMany(keys: readonly string[]): Promise<boolean> {
    return (await this.#each(keys, (key) => this.delete(key))).every(Boolean);
  }

  /**
   * Deletes all keys of the namespace, or without one all keys with the prefix.
   * @throws TableError BAD_REQUEST if there is neither: that would be the whole table
   */
  async clear(): Promise<void> {
    const start = this.#startOf(this.namespace);
    if (start === '') {
      throw new TableError(
        'BAD_REQUEST',
        'clear() without a namespace and a prefix would empty the whole table',
      );
    }
    for await (const { error } of batch(this.#table.scan(start), (key) => this.#table.del(key), {
      inFlightMax,
    })) {
      if (error !== undefined) throw error;
    }
  }

  /** The keys of a namespace that have not expired, with their values. */
  async *iterator(namespace = this.namespace): AsyncGenerator<[string, string | Uint8Array], void> {
    const keys = this.#table.scan(this.#startOf(namespace));
    const find = async (stored: string) => {
      const key = stored.slice(this.#prefix.length);
      return { key, value: await this.#find(key) };
    };
    try {
      for await (const { value: found, error } of batch(keys, find, { inFlightMax })) {
        if (error !== undefined) throw error;
        if (found?.value !== undefined) yield [found.key, found.value];
      }
    } catch (error) {
      this.#report(error);
      throw error;
    }
  }

  async disconnect(): Promise<void> {
    await this.#table.disconnect();
  }

  /** Undefined for an absent or expired value. */
  async #find(key: string): Promise<string | Uint8Array | undefined> {
    const stored = await this.#table.get(this.#keyOf(key));
    if (stored === undefined) return undefined;
    const { value, expiresAt } = decodeValue(stored);
    if (value !== undefined && Date.now() <= expiresAt) return value;
    // Deleting it could delete what another client has set meanwhile; this cannot.
    if (value !== undefined) await this.#table.putIfEquals(this.#keyOf(key), stored, emptiedValue);
    return undefined;
  }

  async #each<T>(keys: readonly string[], call: (key: string) => Promise<T>): Promise<T[]> {
    const values: T[] = [];
    for await (const outcome of batch(keys, call, { inFlightMax })) {
      if (outcome.error !== undefined) throw outcome.error;
      values.push(outcome.value);
    }
    return values;
  }

  async #reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      this.#report(error);
      throw error;
    }
  }

  /** Without a listener, an event `error` would end the program; the rejection tells the caller as well. */
  #report(error: unknown): void {
    if (this.listenerCount('error') > 0) this.emit('error', error);
  }

  #keyOf(key: string): string {
    checkText('a key', key);
    return `${this.#prefix}${key}`;
  }

  #startOf(namespace: string | undefined): string {
    return namespace === undefined ? this.#prefix : `${this.#prefix}${namespace}:`;
  }
}
