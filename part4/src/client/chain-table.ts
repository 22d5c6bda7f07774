import { checkKey, duplicateData, type KeyPage } from '@tablelab/part1';
import { allKeys, type KeyScanner, type ScanPosition } from '@tablelab/part2';
import { assert, checkBytes, checkMilliseconds, checkText, must, TableError } from '@tablelab/shared';
import { nodeClock } from '../adapters/node/node-clock.ts';
import { socketTransport } from '../adapters/node/socket-transport.ts';
import { zooKeeperService } from '../adapters/zookeeper/zookeeper-session.ts';
import { type ChainServers, surveyServers } from '../status/chain-servers.ts';
import { checkWriteName, type OperationName, type OperationNameAsked } from '../write-name.ts';
import {
  type CallOptions,
  type ChainTableOptions,
  checkCallOptions,
  type ConditionalWrite,
} from './chain-table-options.ts';
import { ClientDriver } from './client-driver.ts';
import type { ClientOperation, ClientResult, DumpPosition } from './core/client-effects.ts';
import { type ClientLimits, defaultClientLimits } from './core/client-limits.ts';
import type { HeldSession } from './core/client-session.ts';
import { ViewSource } from './view-source.ts';

const defaultDeadlineMs = 15_000;

/** How long it may take to connect to a server, in milliseconds. */
const connectTimeoutMs = 2_000;

/** The deadline of one call to ZooKeeper, in milliseconds: one that has just started answers slowly. */
const zooKeeperCallTimeoutMs = 10_000;

/**
 * The stub of part 4 (assignment part 4): it has the methods of part 3's stub, for a chain. Writes go to the current
 * head, reads to the current tail. Requests that a server does not answer are repeated until the deadline. While there
 * is no chain, calls wait for one.
 *
 * A write resolves once every server of the chain has executed it, so later reads see it. It is executed once, even if
 * it is repeated. Overlapping calls are sent in the order in which they are made. The last argument of each call may
 * set a deadline and an AbortSignal of its own ({@link CallOptions}).
 *
 * A failed call rejects with a TableError; its `mayHaveHappened` says whether the operation may have been executed. Of any
 * call: TIMEOUT (the deadline is over), ABORTED, BAD_REQUEST (a wrong argument), BUSY (a million calls wait already),
 * UNREACHABLE (the table was disconnected), LOST (the chain was begun anew without its data), INTERNAL. Of writes also
 * FULL, DISK_FULL, TOO_LARGE, and LOST (the chain has forgotten this client, and so cannot say whether the write was executed).
 */
export class ChainTable implements AsyncIterable<string>, KeyScanner {
  readonly #driver: ClientDriver;
  readonly #views: ViewSource;
  readonly #deadlineMs: number;

  readonly #options: ChainTableOptions;

  private constructor(driver: ClientDriver, views: ViewSource, options: ChainTableOptions) {
    this.#driver = driver;
    this.#views = views;
    this.#options = options;
    this.#deadlineMs = options.deadlineMs ?? defaultDeadlineMs;
  }

  /** @throws TableError UNREACHABLE when ZooKeeper does not answer before the deadline, BAD_REQUEST for wrong options */
  static connect(options: ChainTableOptions): Promise<ChainTable> {
    return ChainTable.#open(options, defaultClientLimits);
  }

  /**
   * Connects with a session whose writes can be repeated by another client, which goes on in it with `held`, the result of the
   * last {@link holdOutcomes}: writes are numbered in the order in which they are made.
   */
  static connectHolding(options: ChainTableOptions, held?: HeldSession): Promise<ChainTable> {
    return ChainTable.#open(options, { ...defaultClientLimits, holdsOutcomes: true }, held);
  }

  static async #open(
    options: ChainTableOptions,
    defaults: ClientLimits,
    held?: HeldSession,
  ): Promise<ChainTable> {
    const { zookeeper, deadlineMs = defaultDeadlineMs, sessionTimeoutMs = 4_000 } = options;
    const { attemptTimeoutMs = defaults.attemptTimeoutMs, log = () => undefined } = options;
    checkText('zookeeper', zookeeper);
    checkMilliseconds('deadlineMs', deadlineMs);
    checkMilliseconds('attemptTimeoutMs', attemptTimeoutMs);
    checkMilliseconds('sessionTimeoutMs', sessionTimeoutMs);
    const limits = { ...defaults, attemptTimeoutMs };
    const driver = new ClientDriver({
      limits,
      held,
      connectTimeoutMs,
      clock: nodeClock,
      transport: socketTransport,
    });
    const views = await ViewSource.open({
      coordination: zooKeeperService({
        servers: zookeeper,
        sessionTimeoutMs,
        connectDeadlineMs: deadlineMs,
        callTimeoutMs: zooKeeperCallTimeoutMs,
        // The session owns no znodes, so nothing is lost with it. If ZooKeeper has lost its data, only a new session
        // sees the chain again.
        giveUpMs: sessionTimeoutMs,
        log,
      }),
      clock: nodeClock,
      onView: (view, chain) => driver.view(view, chain),
      log,
    });
    return new ChainTable(driver, views, options);
  }

  /** Pending calls fail: await them first. */
  async disconnect(): Promise<void> {
    this.#driver.close();
    await this.#views.close();
  }

  /** Stores `value` under `key` on every server of the chain; resolves with the name of the write. */
  async put(key: string, value: Uint8Array, options?: CallOptions): Promise<OperationName> {
    checkKey(key);
    // A repeat must be the same write, even if the caller has changed the bytes since.
    return (await this.#call({ op: 'put', key, data: duplicateData(value) }, 'written', options)).name;
  }

  /** Stores `value` under `key` if the key is absent. */
  async putIfAbsent(key: string, value: Uint8Array, options?: CallOptions): Promise<ConditionalWrite> {
    checkKey(key);
    return this.#conditional({ op: 'putIfAbsent', key, data: duplicateData(value) }, options);
  }

  /** Stores `value` in place of `expected`, if that is the value of `key`. An absent key has no value. */
  async putIfEquals(
    key: string,
    expected: Uint8Array,
    value: Uint8Array,
    options?: CallOptions,
  ): Promise<ConditionalWrite> {
    checkKey(key);
    checkBytes('an expected value', expected);
    const operation = { key, expected: duplicateData(expected), data: duplicateData(value) };
    return this.#conditional({ op: 'putIfEquals', ...operation }, options);
  }

  /** Removes `key`, if present, on every server of the chain. `applied` is undefined only if a server does not say. */
  async del(
    key: string,
    options?: CallOptions,
  ): Promise<OperationName & { readonly applied: boolean | undefined }> {
    checkKey(key);
    const { name, isApplied } = await this.#call({ op: 'del', key }, 'written', options);
    return { ...name, applied: isApplied };
  }

  async #conditional(operation: ClientOperation, options?: CallOptions): Promise<ConditionalWrite> {
    const { name, isApplied } = await this.#call(operation, 'written', options);
    return { ...name, applied: must(isApplied, 'the reply to a put on condition says whether it was met') };
  }

  /** A copy of the value; undefined for an absent key. */
  async get(key: string, options?: CallOptions): Promise<Uint8Array | undefined> {
    checkKey(key);
    return (await this.#call({ op: 'get', key }, 'value', options)).value;
  }

  /** Whether the key is present. */
  async has(key: string, options?: CallOptions): Promise<boolean> {
    checkKey(key);
    return (await this.#call({ op: 'has', key }, 'presence', options)).isPresent;
  }

  /** The number of keys. */
  async size(options?: CallOptions): Promise<number> {
    return (await this.#call({ op: 'size' }, 'size', options)).size;
  }

  /** All keys: as they are at one moment where they are not many, otherwise as {@link scan} meets them. */
  getKeys(options?: CallOptions): Promise<string[]> {
    const inOneReply = async () => [...(await this.#call({ op: 'keys' }, 'keys', options)).keys];
    return allKeys(inOneReply, () => this.scan('', options));
  }

  /**
   * The keys that begin with `prefix`, some in each request. A key that is there all the time comes once, also when another
   * server becomes tail meanwhile: the walk begins anew there, and leaves out what has come already. A key that comes or goes
   * meanwhile may come. The walk keeps the keys that have come in memory. `options` apply to each request.
   */
  async *scan(prefix = '', options?: CallOptions): AsyncGenerator<string, void, undefined> {
    const met = new Set<string>();
    let from = 0;
    for (;;) {
      const page = await this.#pageOrNone(prefix, from, options);
      for (const key of page?.keys ?? []) {
        if (met.has(key)) continue;
        met.add(key);
        yield key;
      }
      if (page?.next === 0) return;
      from = page?.next ?? 0;
    }
  }

  /** Undefined where the tail that is asked now has not begun this walk. */
  async #pageOrNone(
    prefix: string,
    from: number,
    options: CallOptions | undefined,
  ): Promise<KeyPage | undefined> {
    try {
      return await this.scanPage(prefix, { from, limit: 0 }, options);
    } catch (error) {
      if (from === 0 || !(error instanceof TableError) || error.code !== 'BAD_REQUEST') throw error;
      return undefined;
    }
  }

  /**
   * Some of the keys that begin with `prefix`, `limit` at most (0: as many as the server likes), from `from` on. `next` is the
   * `from` of the next page, 0 after the last one; it is of use only while the same server is the tail.
   * @throws TableError BAD_REQUEST when the tail does not know `from`
   */
  async scanPage(prefix: string, { from, limit }: ScanPosition, options?: CallOptions): Promise<KeyPage> {
    checkKey(prefix);
    const { keys, next } = await this.#call({ op: 'scan', prefix, from, limit }, 'page', options);
    return { keys, next };
  }

  /** {@link scan} of all keys. */
  [Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    return this.scan();
  }

  /**
   * Whether a write has been executed by the whole chain.
   * @throws TableError LOST if it never will be, because another head's write has its place in the history
   */
  async verify(name: OperationNameAsked, options?: CallOptions): Promise<boolean> {
    checkWriteName(name);
    return (await this.#call({ op: 'verify', name }, 'verified', options)).executed;
  }

  /** The name of the chain that this client speaks to, as far as it is known. */
  get chain(): string | undefined {
    return this.#driver.state.chain;
  }

  /** The options that it was connected with. */
  get options(): ChainTableOptions {
    return this.#options;
  }

  /**
   * The outcomes of all writes so far are no longer needed. No write may be under way, and there was one. See {@link connectHolding}.
   */
  holdOutcomes(): HeldSession {
    this.#driver.hold();
    const { session } = this.#driver.state;
    assert(session.type === 'open', 'a write has opened a session');
    return { client: session.client, number: must(session.held, 'it holds a number') };
  }

  /** A step of a dump, see dump/dump.ts. */
  async dumpPage(position: DumpPosition): Promise<Extract<ClientResult, { type: 'dumped' }>> {
    return await this.#call({ op: 'dump', ...position }, 'dumped');
  }

  /** The servers of the chain, and those that wait to join it, with what each says of itself. */
  async servers(): Promise<ChainServers> {
    return await surveyServers(await this.#views.survey());
  }

  async #call<T extends ClientResult['type']>(
    operation: ClientOperation,
    type: T,
    options: CallOptions = {},
  ): Promise<Extract<ClientResult, { type: T }>> {
    checkCallOptions(options);
    const { deadlineMs = this.#deadlineMs, signal } = options;
    const result = await this.#driver.call(operation, deadlineMs, signal);
    return must(isOf(result, type) ? result : undefined, 'a result is of the kind that was asked for');
  }
}

function isOf<T extends ClientResult['type']>(
  result: ClientResult,
  type: T,
): result is Extract<ClientResult, { type: T }> {
  return result.type === type;
}
