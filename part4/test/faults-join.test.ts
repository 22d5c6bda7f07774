import { setTimeout } from 'node:timers/promises';
import { must } from '@tablelab/shared';
import t from 'tap';
import type { DirectClient } from '../chaos/direct-client.ts';
import type { ChainTable } from '../src/client/chain-table.ts';
import {
  connectTo,
  deadlineMs,
  outcomeOf,
  readAt,
  startFaultTest,
  testTimeoutMs,
} from './support/fault-test.ts';

t.setTimeout(testTimeoutMs);

const keyCount = 100_000;
/** A pause that leaves processor time to the servers. */
const betweenReadsMs = 2;
/** The number of calls sent together. */
const batch = 1_000;
const keyOf = (index: number): string => `load:${index}`;
/** 100 bytes. */
const textOf = (index: number): string => `${keyOf(index)} `.padEnd(100, '.');

// Writing the keys alone takes half a minute on a loaded machine.
const timeout = 150_000;
t.test(
  'a fourth server joins 100,000 keys under load: no read fails, and it has them all',
  { timeout },
  async (t) => {
    const { chain, workload, table, head, tail, judge } = await startFaultTest(t, {
      sessionTimeoutMs: 3_000,
    });
    await fill(await connectTo(t, head));
    const reads = new Reads(table);

    const fourth = await chain.add();
    const direct = await connectTo(t, fourth);
    const before = await outcomeOf(direct.get(keyOf(0)));
    t.match(before, { refused: 'NOT_READY' }, 'a joining server answers no read');
    await chain.whole(deadlineMs);
    t.equal((await chain.tail()).address, fourth.address, 'it is the tail');
    await workload.progress(deadlineMs);
    const { count, failures, longestMs } = await reads.stop();
    t.same(failures, [], `none of ${count} reads failed`);
    t.ok(count > 100);
    t.ok(longestMs < 2_000, `no read took longer than ${Math.round(longestMs)} ms`);

    t.match(await outcomeOf((await connectTo(t, tail)).get(keyOf(0))), { refused: 'NOT_TAIL' });
    t.equal(await missing(table), 0, 'the new tail has every key');
    await judge();

    const others = chain.servers.filter((server) => server !== fourth);
    await Promise.all(others.map((server) => server.crash()));
    await chain.whole(deadlineMs);
    t.same(chain.servers, [fourth]);
    t.equal(await readAt(direct, keyOf(0)), textOf(0));
    t.equal(await missing(table), 0, 'and it has them alone');
    t.ok((await table.size()) >= keyCount);
  },
);

/** Puts every key; resolves when the whole chain has them. */
async function fill(head: DirectClient): Promise<void> {
  // When the last write of a batch is COMMITTED, all earlier ones are, too, so the head's log has room for the next
  // batch.
  await inBatches((index, isLast) =>
    head.put(keyOf(index), textOf(index), isLast ? 'committed' : 'assigned'),
  );
}

/** The number of keys whose value differs from the last put. */
async function missing(table: ChainTable): Promise<number> {
  let count = 0;
  await inBatches(async (index) => {
    const value = await table.get(keyOf(index));
    if (value === undefined || Buffer.from(value).toString() !== textOf(index)) count += 1;
  });
  return count;
}

async function inBatches(call: (index: number, isLast: boolean) => Promise<void>): Promise<void> {
  for (let start = 0; start < keyCount; start += batch) {
    await Promise.all(Array.from({ length: batch }, (_, index) => call(start + index, index === batch - 1)));
  }
}

/** Reads one key after the other until it is stopped. */
class Reads {
  readonly #table: ChainTable;
  readonly #running: Promise<void>;
  readonly #failures: string[] = [];
  #count = 0;
  #longestMs = 0;
  #isStopping = false;

  constructor(table: ChainTable) {
    this.#table = table;
    this.#running = this.#run();
  }

  async stop(): Promise<{ count: number; failures: readonly string[]; longestMs: number }> {
    this.#isStopping = true;
    await this.#running;
    return { count: this.#count, failures: this.#failures, longestMs: this.#longestMs };
  }

  async #run(): Promise<void> {
    for (; !this.#isStopping; this.#count += 1) {
      const index = (this.#count * 7_919) % keyCount;
      const start = performance.now();
      try {
        const value = must(await this.#table.get(keyOf(index)), `${keyOf(index)} is there`);
        if (Buffer.from(value).toString() !== textOf(index))
          this.#failures.push(`${keyOf(index)} is another`);
      } catch (error) {
        this.#failures.push(String(error));
      }
      this.#longestMs = Math.max(this.#longestMs, performance.now() - start);
      await setTimeout(betweenReadsMs);
    }
  }
}
