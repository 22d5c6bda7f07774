import { checkKey, duplicateData, type KeyPage } from '@tablelab/part1';
import { allKeys, type KeyScanner, type ScanPosition } from '@tablelab/part2';
import { checkBytes, checkMilliseconds, checkText, must, TableError } from '@tablelab/shared';
import { nodeClock } from '../adapters/node/node-clock.ts';
import { socketTransport } from '../adapters/node/socket-transport.ts';
import { zooKeeperService } from '../adapters/zookeeper/zookeeper-session.ts';
import { checkWriteName, type OperationName, type OperationNameAsked } from '../write-name.ts';
import { ClientDriver } from './client-driver.ts';
import type { ClientOperation, ClientResult } from './core/client-effects.ts';
import { defaultClientLimits } from './core/client-limits.ts';
import { ViewSource } from './view-source.ts';

export interface ChainTableOptions {
  /** ZooKeeper: `host:port[,host:port][/path]`. */
  readonly zookeeper: string;
  /** How long an operation may take, including all repeats, in milliseconds. Default: 15,000. */
  readonly deadlineMs?: number;
  /** Requests are repeated when their server has sent no answer for this long, in milliseconds. Default: 5,000. */
  readonly attemptTimeoutMs?: number;
  /** The time-out of the session with ZooKeeper, in milliseconds. Default: 4,000. */
  readonly sessionTimeoutMs?: number;
  /** Gets log lines that help to find the cause of a delay. */
  readonly log?: (message: string) => void;
}

/**
 * The name of a write whose outcome depends on the table, and whether it was applied: the condition was met and the value
 * stored, or the key was there and is deleted. The answer is the same however often the write was repeated.
 */
export interface ConditionalWrite extends OperationName {
  readonly applied: boolean;
}

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
 * it is repeated. Overlapping calls are sent in the order in which they are made. A failed call rejects with a
 * TableError; its `mayHaveHappened` says whether the operation may have been executed.
 */
export class ChainTable implements AsyncIterable<string>, KeyScanner {
  readonly #driver: ClientDriver;
  readonly #views: ViewSource;
  readonly #deadlineMs: number;

  private constructor(driver: ClientDriver, views: ViewSource, deadlineMs: number) {
    this.#driver = driver;
    this.#views = views;
    this.#deadlineMs = deadlineMs;
  }

  /** @throws TableError UNREACHABLE when ZooKeeper does not answer before the deadline, BAD_REQUEST for wrong options */
  static async connect(options: ChainTableOptions): Promise<ChainTable> {
    const { zookeeper, deadlineMs = defaultDeadlineMs, sessionTimeoutMs = 4_000 } = options;
    const { attemptTimeoutMs = defaultClientLimits.attemptTimeoutMs, log = () => undefined } = options;
    checkText('zookeeper', zookeeper);
    checkMilliseconds('deadlineMs', deadlineMs);
    checkMilliseconds('attemptTimeoutMs', attemptTimeoutMs);
    checkMilliseconds('sessionTimeoutMs', sessionTimeoutMs);
    const limits = { ...defaultClientLimits, attemptTimeoutMs };
    const driver = new ClientDriver({
      limits,
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
    return new ChainTable(driver, views, deadlineMs);
  }

  /** Pending calls fail: await them first. */
  async disconnect(): Promise<void> {
    this.#driver.close();
    await this.#views.close();
  }

  /** Stores `value` under `key` on every server of the chain; resolves with the name of the write. */
  async put(key: string, value: Uint8Array): Promise<OperationName> {
    checkKey(key);
    // A repeat must be the same write, even if the caller has changed the bytes since.
    return (await this.#call({ op: 'put', key, data: duplicateData(value) }, 'written')).name;
  }

  /** Stores `value` under `key` if the key is absent. */
  async putIfAbsent(key: string, value: Uint8Array): Promise<ConditionalWrite> {
    checkKey(key);
    return this.#conditional({ op: 'putIfAbsent', key, data: duplicateData(value) });
  }

  /** Stores `value` in place of `expected`, if that is the value of `key`. An absent key has no value. */
  async putIfEquals(key: string, expected: Uint8Array, value: Uint8Array): Promise<ConditionalWrite> {
    checkKey(key);
    checkBytes('an expected value', expected);
    const operation = { key, expected: duplicateData(expected), data: duplicateData(value) };
    return this.#conditional({ op: 'putIfEquals', ...operation });
  }

  /** Removes `key`, if present, on every server of the chain. `applied` is undefined only if a server does not say. */
  async del(key: string): Promise<OperationName & { readonly applied: boolean | undefined }> {
    checkKey(key);
    const { name, isApplied } = await this.#call({ op: 'del', key }, 'written');
    return { ...name, applied: isApplied };
  }

  async #conditional(operation: ClientOperation): Promise<ConditionalWrite> {
    const { name, isApplied } = await this.#call(operation, 'written');
    return { ...name, applied: must(isApplied, 'the reply to a put on condition says whether it was met') };
  }

  /** A copy of the value; undefined for an absent key. */
  async get(key: string): Promise<Uint8Array | undefined> {
    checkKey(key);
    return (await this.#call({ op: 'get', key }, 'value')).value;
  }

  /** Whether the key is present. */
  async has(key: string): Promise<boolean> {
    checkKey(key);
    return (await this.#call({ op: 'has', key }, 'presence')).isPresent;
  }

  async size(): Promise<number> {
    return (await this.#call({ op: 'size' }, 'size')).size;
  }

  /** All keys: as they are at one moment where they are not many, otherwise as {@link scan} meets them. */
  getKeys(): Promise<string[]> {
    const inOneReply = async () => [...(await this.#call({ op: 'keys' }, 'keys')).keys];
    return allKeys(inOneReply, () => this.scan());
  }

  /**
   * The keys that begin with `prefix`, some in each request. A key that is there all the time comes once, also when another
   * server becomes tail meanwhile: the walk begins anew there, and leaves out what has come already. A key that comes or goes
   * meanwhile may come.
   */
  async *scan(prefix = ''): AsyncGenerator<string, void, undefined> {
    const met = new Set<string>();
    let from = 0;
    for (;;) {
      const page = await this.#pageOrNone(prefix, from);
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
  async #pageOrNone(prefix: string, from: number): Promise<KeyPage | undefined> {
    try {
      return await this.scanPage(prefix, { from, limit: 0 });
    } catch (error) {
      if (from === 0 || !(error instanceof TableError) || error.code !== 'BAD_REQUEST') throw error;
      return undefined;
    }
  }

  async scanPage(prefix: string, { from, limit }: ScanPosition): Promise<KeyPage> {
    checkKey(prefix);
    const { keys, next } = await this.#call({ op: 'scan', prefix, from, limit }, 'page');
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
  async verify(name: OperationNameAsked): Promise<boolean> {
    checkWriteName(name);
    return (await this.#call({ op: 'verify', name }, 'verified')).executed;
  }

  async #call<T extends ClientResult['type']>(
    operation: ClientOperation,
    type: T,
  ): Promise<Extract<ClientResult, { type: T }>> {
    const result = await this.#driver.call(operation, this.#deadlineMs);
    return must(isOf(result, type) ? result : undefined, 'a result is of the kind that was asked for');
  }
}

function isOf<T extends ClientResult['type']>(
  result: ClientResult,
  type: T,
): result is Extract<ClientResult, { type: T }> {
  return result.type === type;
}
