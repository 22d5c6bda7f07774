import { assert, TableError } from '@tablelab/shared';
import { childPath } from '../../src/adapters/zookeeper/numbered-children.ts';
import type { ServerId } from '../../src/core/view.ts';
import type {
  Children,
  CoordinationSession,
  NodeData,
  TransactionOutcome,
  TransactionStep,
} from '../../src/ports.ts';

export const paths = { chain: '/chain', joining: '/chain-joining' };

const nobody = '0'.repeat(16);

interface Znodes {
  readonly servers: readonly ServerId[];
  /** Of `/chain`. */
  readonly data: Uint8Array;
  readonly dataVersion: number;
}

/**
 * A session with a ZooKeeper server that lags behind: changes by others are visible here only after a write of this
 * session. A watch fires only when the test calls it.
 */
export class LaggingSession implements CoordinationSession {
  readonly sessionId = 'f'.repeat(16);
  readonly sessionTimeoutMs = 4_000;
  readonly isConnected = true;
  readonly ended = new Promise<never>(() => undefined);
  /** The watch that was left last. */
  watch: (() => void) | undefined;
  /** The current data, and the data that is visible here. */
  #znodes: Znodes;
  #seen: Znodes;
  /** Delays reads of the data of `/chain`, the last read of a directory. */
  #hold: Promise<void> | undefined;
  #answersLost = 0;

  constructor(servers: readonly ServerId[]) {
    this.#znodes = { servers, data: new Uint8Array(0), dataVersion: 0 };
    this.#seen = this.#znodes;
  }

  get data(): Uint8Array {
    return this.#znodes.data;
  }

  /** Other servers come or go, unseen. */
  othersMake(servers: readonly ServerId[]): void {
    this.#znodes = { ...this.#znodes, servers };
  }

  /** Delays the next reads of a directory after they have read; returns a function that resumes them. */
  holdReads(): () => void {
    const held = Promise.withResolvers<void>();
    this.#hold = held.promise;
    return () => {
      this.#hold = undefined;
      held.resolve();
    };
  }

  /** The next transaction is done, but the answer is lost. */
  loseAnswer(): void {
    this.#answersLost += 1;
  }

  onConnected(): void {
    // It always is.
  }

  async ensure(): Promise<void> {
    // They are there.
  }

  async children(path: string, changed?: () => void): Promise<Children> {
    this.watch = changed;
    const names = path === paths.chain ? this.#seen.servers.map((id) => childPath('', id).slice(1)) : [];
    return { names, version: names.length };
  }

  async getData(path: string): Promise<NodeData> {
    const { data, dataVersion } = this.#seen;
    if (path !== paths.chain) return { data: Buffer.from('127.0.0.1:1'), version: 0, owner: this.sessionId };
    await this.#hold;
    return { data, version: dataVersion, owner: nobody };
  }

  async exists(): Promise<boolean> {
    return true;
  }

  async transaction(steps: readonly TransactionStep[]): Promise<TransactionOutcome> {
    const refused = steps.find((step) => !this.#isPossible(step));
    if (refused === undefined) for (const step of steps) this.#do(step);
    if (this.#answersLost > 0) {
      this.#answersLost -= 1;
      throw new TableError('UNREACHABLE', 'the answer is lost', { mayHaveHappened: true });
    }
    this.#seen = this.#znodes;
    return refused === undefined
      ? { committed: true }
      : { committed: false, refusal: `${refused.op} ${refused.path}` };
  }

  async close(): Promise<void> {
    // Nothing is left behind.
  }

  #isPossible(step: TransactionStep): boolean {
    if (step.op === 'create') return true;
    if (step.op === 'setData') return step.version === this.#znodes.dataVersion;
    return step.path === '/' || this.#znodes.servers.some((id) => childPath(paths.chain, id) === step.path);
  }

  #do(step: TransactionStep): void {
    const { servers, dataVersion } = this.#znodes;
    if (step.op === 'setData') {
      this.#znodes = { servers, data: step.data, dataVersion: dataVersion + 1 };
    } else if (step.op === 'remove') {
      this.othersMake(servers.filter((id) => childPath(paths.chain, id) !== step.path));
    } else {
      assert(step.op === 'check', 'this session makes no children');
    }
  }
}
