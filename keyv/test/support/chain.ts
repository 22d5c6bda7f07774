import { fileURLToPath } from 'node:url';
import { ChainTable } from '@tablelab/part4';
import { type ChildProgram, spawnProgram, startZooKeeper } from '@tablelab/shared/testing';
import type { Test } from 'tap';

const tableServer = fileURLToPath(new URL('../../../part4/src/programs/table-server.ts', import.meta.url));

/** Only against a server that hangs. */
const startDeadlineMs = 20_000;
/** A call that meets a killed server ends when the chain has noticed that: one session later. */
const sessionTimeoutMs = 1_000;

export interface Chain {
  readonly zookeeper: string;
  /** Head first. */
  readonly servers: ChildProgram[];
  /** Starts one more server, and resolves once it is in the chain. */
  add(): Promise<void>;
  connect(): Promise<ChainTable>;
}

/** A chain of real servers, which ends with the test. */
export async function startChain(t: Test, count: number): Promise<Chain> {
  const zookeeperServer = await startZooKeeper({ tickTimeMs: 200 });
  t.teardown(() => zookeeperServer.stop());
  const { address: zookeeper } = zookeeperServer;
  const servers: ChildProgram[] = [];
  t.teardown(() => Promise.all(servers.map((server) => server.stop())));
  const add = async () => {
    const args = ['0', '16', zookeeper, '--session-timeout', String(sessionTimeoutMs)];
    const server = spawnProgram(tableServer, args);
    servers.push(server);
    await server.waitForLine(/^listening on/, startDeadlineMs);
  };
  while (servers.length < count) await add();
  const connect = async () => {
    const table = await ChainTable.connect({ zookeeper, deadlineMs: 30_000 });
    t.teardown(() => table.disconnect());
    return table;
  };
  return { zookeeper, servers, add, connect };
}
