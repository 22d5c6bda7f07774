import { isDeepStrictEqual } from 'node:util';
import { Table } from '@tablelab/part1';
import { Deferred } from '@tablelab/part3';
import { assert, must } from '@tablelab/shared';
import { decodeChainMessage, encodeChainMessage } from '../../src/adapters/links/chain-codec.ts';
import { Links } from '../../src/adapters/links/links.ts';
import { PendingWrites } from '../../src/adapters/pending-writes.ts';
import { TableApplier } from '../../src/adapters/table-applier.ts';
import { ChainSession, type SessionEvent } from '../../src/adapters/zookeeper/chain-session.ts';
import { noEntry } from '../../src/core/condition.ts';
import type { ChainMessage } from '../../src/core/messages.ts';
import type { Update } from '../../src/core/update.ts';
import type { ServerId } from '../../src/core/view.ts';
import type { ReplicaStore } from '../../src/ports.ts';
import { LaggingSession, paths } from './lagging-session.ts';
import { ManualClock } from './manual-clock.ts';

/**
 * Checks of a server's adapters for bugs that the simulator does not find, because the core tolerates them or they are
 * rare. Each check throws if it fails. The imports resolve to the sources, or to those of a mutant (load-mutant.ts).
 */
export const serverChecks = {
  'a directory that was asked for is no older than that': async () => {
    const test = await ChainBench.start([1]);
    test.session.othersMake([1, 2]);
    test.chain.readDirectory();
    await turn();
    equal(test.told(), ['servers 1, 2'], 'told');
  },
  'a directory that was being read when another was asked for is not told': async () => {
    const test = await ChainBench.start([1]);
    test.session.othersMake([1, 2]);
    const goOn = test.session.holdReads();
    await test.watchFires();
    test.chain.readDirectory();
    goOn();
    await turn();
    equal(test.told(), ['servers 1, 2'], 'told');
  },
  'a directory that was being read when a change was over is not told': async () => {
    const test = await ChainBench.start([1, 2]);
    const goOn = test.session.holdReads();
    await test.watchFires();
    await test.chain.change({ type: 'withdraw', id: 2, inChain: true });
    goOn();
    await turn();
    equal(test.told(), ['change-over', 'servers 1'], 'told');
  },
  'after a change whose answer was lost, a directory shows what became of it': async () => {
    const test = await ChainBench.start([1, 2]);
    test.session.loseAnswer();
    const over = test.chain.change({ type: 'withdraw', id: 2, inChain: true });
    await turn();
    test.clock.pass(1_000);
    await over;
    await turn();
    equal(test.told(), ['change-over', 'servers 1'], 'told');
  },
  'the record is written only while the own znode is there': async () => {
    const test = await ChainBench.start([1]);
    const record = {
      ...{ chain: 'c'.repeat(32), epochBase: 0, serial: 1, view: 1, capacityBytes: 1_000 },
      members: [{ id: 1, member: 'a'.repeat(16) }],
    };
    test.session.othersMake([2]);
    await test.chain.change({ type: 'record', id: 1, record, version: 0 });
    equal(test.session.data.length, 0, 'bytes in the record');
    test.session.othersMake([1, 2]);
    await test.chain.change({ type: 'record', id: 1, record, version: 0 });
    assert(test.session.data.length > 0, 'with the znode it is written');
  },

  'a table that was replaced is not heard any more': async () => {
    const [old, fresh] = [new StoreBench(), new StoreBench()];
    const told: string[] = [];
    const applier = new TableApplier({
      store: old,
      newStore: async () => fresh,
      onExecuted: (executed) => told.push(`executed ${executed}`),
      onLoaded: (chunks) => told.push(`loaded ${chunks}`),
      onFailed: (detail) => told.push(detail),
    });
    applier.execute([update(0), update(1), update(2)]);
    applier.wipe(500);
    await turn();
    applier.execute([update(500), update(501)]);
    equal(fresh.submitted, 2, 'writes that the new table was given');
    old.tell(3);
    equal(told, [], 'nothing of the old table');
    fresh.tell(1);
    equal(told, ['executed 501'], 'the new one');
  },

  'a write that is admitted and has no answer in time may have happened': async () => {
    const clock = new ManualClock();
    const writes = new PendingWrites({
      clock,
      timeoutMs: 1_000,
      refusal: () => undefined,
      entryOf: () => noEntry,
      submit: () => undefined,
      onFailed: (error) => assert(false, String(error)),
    });
    const reply = writes.add(update(0), 'committed');
    assert(reply instanceof Deferred, 'there is no answer yet');
    const types: string[] = [];
    reply.map(({ type }) => types.push(type));
    clock.pass(1_001);
    await turn();
    equal(types, ['unknown'], 'the answer');
  },

  'a link is dialled after the delay that the core wants, and not sooner': () => {
    const clock = new ManualClock();
    const dialled: string[] = [];
    const links = new Links({
      clock,
      transport: {
        dial: (address) => {
          dialled.push(address);
          return { write: () => undefined, end: () => undefined, destroy: () => undefined };
        },
      },
      listener: { up: () => undefined, message: () => undefined, down: () => undefined },
    });
    links.dial('to-1', 's:1', 500);
    links.dial('to-2', 's:2', 500);
    clock.pass(499);
    links.close('to-2');
    equal(dialled, [], 'too soon');
    clock.pass(1);
    equal(dialled, ['s:1'], 'only the link that was not closed');
    links.closeAll();
  },
  'a WELCOME says whether the state of its sender is whole': () => {
    for (const whole of [false, true]) {
      const welcome: ChainMessage = {
        ...{ type: 'welcome', received: 0, lastEpoch: undefined, stable: 0, member: false },
        whole,
      };
      const came = decodeChainMessage(encodeChainMessage(welcome));
      assert(came.type === 'welcome', 'a WELCOME');
      equal(came.whole, whole, 'whole');
    }
  },
} satisfies Record<string, () => void | Promise<void>>;

export type ServerCheckName = keyof typeof serverChecks;

/** A chain session over a session that lags. */
class ChainBench {
  readonly session: LaggingSession;
  readonly clock = new ManualClock();
  readonly chain: ChainSession;
  readonly #events: SessionEvent[] = [];

  /** With the first directory told, and forgotten here. */
  static async start(servers: readonly ServerId[]): Promise<ChainBench> {
    const bench = new ChainBench(servers);
    await turn();
    equal(bench.told(), [`servers ${servers.join(', ')}`], 'the first directory');
    return bench;
  }

  private constructor(servers: readonly ServerId[]) {
    this.session = new LaggingSession(servers);
    this.chain = new ChainSession(this.session, {
      paths,
      emit: (event) => this.#events.push(event),
      clock: this.clock,
      log: () => undefined,
    });
  }

  /** What was told since the last call. */
  told(): string[] {
    return this.#events
      .splice(0)
      .map((event) =>
        event.type === 'directory'
          ? `servers ${event.directory.view.servers.map(({ id }) => id).join(', ')}`
          : event.type,
      );
  }

  /** Fires the watch: a read begins, and continues as far as allowed. */
  async watchFires(): Promise<void> {
    must(this.session.watch, 'a watch was left')();
    await turn();
  }
}

/** A table whose executions the check controls. */
class StoreBench implements ReplicaStore {
  readonly table = new Table(1);
  readonly keysBytes = 0;
  readonly logicalBytes = 0;
  readonly logicalCapacityBytes = 1_000;
  submitted = 0;
  executed = 0;
  #listener: (executed: number) => void = () => undefined;

  tell(executed: number): void {
    this.executed = executed;
    this.#listener(executed);
  }

  submit(): boolean {
    this.submitted += 1;
    return true;
  }

  onExecuted(listener: (executed: number) => void): void {
    this.#listener = listener;
  }

  logicalBytesOf(): number {
    return 0;
  }

  hasValue(): boolean {
    return false;
  }

  onRoom(): void {
    // There is always room.
  }

  onFailed(): void {
    // It never fails.
  }

  readEntries(): never {
    throw new Error('nobody reads it');
  }

  async close(): Promise<void> {
    // It has no thread.
  }
}

function update(seq: number): Update {
  return {
    ...{ seq, epoch: 0, client: '', request: 0, firstIncomplete: 0 },
    ...{ op: 'put', key: 'a', data: Uint8Array.of(seq), isApplied: true },
  };
}

/** Everything that follows without a timer has happened. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function equal(actual: unknown, expected: unknown, what: string): void {
  const text = () => `${what}: ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`;
  assert(isDeepStrictEqual(actual, expected), text);
}
