import { must, TableError } from '@tablelab/shared';
import { eventually } from '@tablelab/shared/testing';
import root, { type Test } from 'tap';
import { ChaosChain, type ChaosChainOptions } from '../../chaos/chaos-chain.ts';
import type { ChaosServer } from '../../chaos/chaos-server.ts';
import { DirectClient } from '../../chaos/direct-client.ts';
import type { Workload } from '../../chaos/workload.ts';
import { ChainTable } from '../../src/client/chain-table.ts';

/** Longer than anything takes on a loaded machine; a test that waits this long has failed. */
export const deadlineMs = 20_000;

/** The time limit of a test that starts real processes: on a loaded machine these take half a minute. */
export const testTimeoutMs = 55_000;

/** The deadline of an operation, including repeats: longer than any outage in these tests, so no operation may fail. */
const operationDeadlineMs = 40_000;

export interface FaultTest {
  readonly chain: ChaosChain;
  readonly workload: Workload;
  /** A client beside the workload. */
  readonly table: ChainTable;
  readonly head: ChaosServer;
  readonly middle: ChaosServer;
  readonly tail: ChaosServer;
  /** The end of a test: waits until the chain is complete, stops the clients, and checks their answers. */
  judge(): Promise<void>;
}

/** The complete chain of the last test, for the next test with the same options, because each start takes seconds. */
let spare: { readonly chain: ChaosChain; readonly like: string } | undefined;
root.teardown(() => spare?.chain.stop());

/** A chain of three, with running clients. */
export async function startFaultTest(t: Test, options: Partial<ChaosChainOptions> = {}): Promise<FaultTest> {
  const chain = await chainLike(options);
  t.teardown(async () => {
    if (t.passing()) return;
    for (const line of chain.logs()) t.comment(line);
    spare = undefined;
    await chain.stop();
  });
  const table = await ChainTable.connect({
    zookeeper: chain.zookeeperAddress,
    deadlineMs: operationDeadlineMs,
  });
  t.teardown(() => table.disconnect());
  const workload = await chain.startWorkload({ operationDeadlineMs });
  await workload.progress(deadlineMs);
  const order = await chain.inOrder();
  const [head, middle, tail] = ['head', 'middle', 'tail'].map((role, index) => must(order[index], role));
  return {
    chain,
    workload,
    table,
    head: must(head, 'head'),
    middle: must(middle, 'middle'),
    tail: must(tail, 'tail'),
    judge: async () => {
      await chain.whole(deadlineMs);
      await workload.progress(deadlineMs);
      await workload.stop();
      t.same(workload.failures, [], 'no operation failed');
      t.doesNotThrow(
        () => workload.judge(),
        'nothing happened that must not, and the history is linearizable',
      );
      const { done, probes } = workload;
      t.comment(
        `${done.write} writes, ${done.read} reads, probes: ${probes.answered} answered, ${probes.refused} refused`,
      );
    },
  };
}

async function chainLike(options: Partial<ChaosChainOptions>): Promise<ChaosChain> {
  const like = JSON.stringify(options);
  if (spare?.like !== like) {
    await spare?.chain.stop();
    spare = { chain: await ChaosChain.start({ servers: 3, ...options }), like };
  }
  return spare.chain;
}

/** A client of one server, without proxies; waits until a new server listens. */
export async function connectTo(t: Test, server: ChaosServer): Promise<DirectClient> {
  const client = await eventually(() => DirectClient.connect(server), {
    deadlineMs,
    what: `server ${server.name} to listen`,
  });
  t.teardown(() => client.close());
  return client;
}

/** The outcome of a call: its answer, or the code of the server's error. */
export async function outcomeOf<T>(call: Promise<T>): Promise<{ answer: T } | { refused: string }> {
  try {
    return { answer: await call };
  } catch (error) {
    if (error instanceof TableError && !error.mayHaveHappened) return { refused: error.code };
    throw error;
  }
}

/** The server's answer once it knows that it is the tail, slightly later than ZooKeeper. */
export function readAt(client: DirectClient, key: string): Promise<string | undefined> {
  return eventually(
    async () => {
      const outcome = await outcomeOf(client.get(key));
      return 'answer' in outcome ? outcome : undefined;
    },
    { deadlineMs, what: 'the tail to answer' },
  ).then(({ answer }) => answer);
}

export const bytes = (text: string): Uint8Array => Buffer.from(text);
