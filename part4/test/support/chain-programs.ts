import { fileURLToPath } from 'node:url';
import {
  type ChildProgram,
  spawnProgram,
  startZooKeeper,
  type ZooKeeperServer,
} from '@tablelab/shared/testing';
import type { Test } from 'tap';
import { ChainTable } from '../../src/client/chain-table.ts';

const program = (name: string) => fileURLToPath(new URL(`../../src/programs/${name}.ts`, import.meta.url));

export interface ServerProgram {
  readonly program: ChildProgram;
  /** `host:port`, as the server reported it. */
  readonly address: string;
}

/** Starts a real table server, without waiting for it. */
export function spawnServer(zookeeper: string, ...args: string[]): ChildProgram {
  return spawnServerOf(4, zookeeper, ...args);
}

/** The same, with a table that begins with `nLists` lists. */
export function spawnServerOf(nLists: number, zookeeper: string, ...args: string[]): ChildProgram {
  return spawnProgram(program('table-server'), ['0', String(nLists), zookeeper, ...args]);
}

/** Starts a real table server and waits until it is in the chain. */
async function startServer(zookeeper: string, ...args: string[]): Promise<ServerProgram> {
  const server = spawnServer(zookeeper, ...args);
  const [, address = ''] = await server.waitForLine(/^listening on (\S+)/, 20_000);
  return { program: server, address };
}

/** Starts the real client with its standard input open. */
export function startClient(zookeeper: string, ...args: string[]): ChildProgram {
  return spawnProgram(program('table-client'), [zookeeper, ...args]);
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const defaults = ['--session-timeout', '2000', '--verbose'];

export interface TestChain {
  /** ZooKeeper's address, and its process. */
  readonly zookeeper: string;
  readonly zookeeperServer: ZooKeeperServer;
  /** In the order in which they were started. */
  readonly chain: ServerProgram[];
  /** Starts one more. */
  readonly add: (...args: string[]) => Promise<ServerProgram>;
}

/** Starts a separate ZooKeeper and a chain of real server processes, head first; everything stops with the test. */
export async function startChain(t: Test, servers: number, ...options: string[]): Promise<TestChain> {
  const zookeeperServer = await startZooKeeper({ tickTimeMs: 200 });
  t.teardown(() => zookeeperServer.stop());
  const { address: zookeeper } = zookeeperServer;
  const chain: ServerProgram[] = [];
  t.teardown(async () => {
    await Promise.all(chain.map(({ program }) => program.stop()));
    if (t.passing()) return;
    for (const { address, program } of chain)
      t.comment(`server ${address}:\n${program.stderrLines.join('\n')}`);
  });
  const add = async (...args: string[]) => {
    const server = await startServer(zookeeper, ...defaults, ...options, ...args);
    chain.push(server);
    return server;
  };
  while (chain.length < servers) await add();
  return { zookeeper, zookeeperServer, chain, add };
}

export async function connectTable(t: Test, zookeeper: string): Promise<ChainTable> {
  const table = await ChainTable.connect({ zookeeper, deadlineMs: 30_000 });
  t.teardown(() => table.disconnect());
  return table;
}
