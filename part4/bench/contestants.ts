/** A chain and a Redis with the same number of copies, as child processes. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ChildProgram, freePort, spawnProgram } from '@tablelab/shared/process';
import { startZooKeeper } from '@tablelab/shared/zookeeper';

const startDeadlineMs = 30_000;
const listCount = 1_024;
const tableServer = fileURLToPath(new URL('../src/programs/table-server.ts', import.meta.url));

/** The unit of the processor times in /proc: USER_HZ, which is 100 on every Linux. */
const ticksPerSecond = 100;

export interface Contestant {
  /** The ports for puts and gets. */
  readonly putPort: number;
  readonly getPort: number;
  /** The processor time of its processes since their start, in seconds: head, middle, tail; or master and replicas. */
  processorSeconds(): Promise<number[]>;
  stop(): Promise<void>;
}

/**
 * A ZooKeeper and `servers` table servers, of this checkout or another one; the first is the head, the last the tail.
 * `optionsOf`: more options of the server with this number, from 1.
 */
export async function startChain(
  servers: number,
  program: string = tableServer,
  optionsOf: (number: number) => readonly string[] = () => [],
): Promise<Contestant & { readonly zookeeper: string }> {
  const zookeeper = await startZooKeeper();
  const programs: ChildProgram[] = [];
  const ports: number[] = [];
  // One after the other: each joins at the end of the chain.
  for (let number = 1; number <= servers; number += 1) {
    const server = spawnProgram(program, ['0', String(listCount), zookeeper.address, ...optionsOf(number)]);
    programs.push(server);
    const [, port] = await server.waitForLine(/^listening on .*:(\d+)$/, startDeadlineMs);
    ports.push(Number(port));
  }
  const chain = contestant(programs, { putPort: Number(ports[0]), getPort: Number(ports.at(-1)) });
  return {
    ...chain,
    zookeeper: zookeeper.address,
    stop: async () => {
      await chain.stop();
      await zookeeper.stop();
    },
  };
}

/**
 * Debian's `redis-server` on loopback: a master and `replicas` replicas. Gets go to the master.
 * `folderOf`: where the server with this number, from 0, keeps a log that it syncs before it answers. Default: no persistence.
 */
export async function startRedis(
  replicas: number,
  folderOf?: (number: number) => string,
): Promise<Contestant> {
  const port = await freePort();
  const master = redisServer(port, folderOf?.(0));
  const programs = [master];
  await master.waitForLine(/Ready to accept connections/, startDeadlineMs);
  for (let number = 1; number <= replicas; number += 1) {
    const replica = redisServer(
      await freePort(),
      folderOf?.(number),
      '--replicaof',
      '127.0.0.1',
      String(port),
    );
    programs.push(replica);
    await replica.waitForLine(/REPLICA sync: Finished with success/, startDeadlineMs);
  }
  return contestant(programs, { putPort: port, getPort: port });
}

function redisServer(port: number, folder: string | undefined, ...args: string[]): ChildProgram {
  const log = folder === undefined ? ['no'] : ['yes', '--appendfsync', 'always', '--dir', folder];
  const plain = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', ...log];
  const overSockets = ['--repl-diskless-sync-delay', '0', '--repl-diskless-load', 'on-empty-db'];
  return new ChildProgram('redis-server', [...plain, ...overSockets, ...args]);
}

export function contestant(
  programs: readonly ChildProgram[],
  ports: Pick<Contestant, 'putPort' | 'getPort'>,
): Contestant {
  return {
    ...ports,
    processorSeconds: () => Promise.all(programs.map(({ pid }) => processorSecondsOf(pid))),
    // The tail first, so that the chain needs no repair.
    stop: async () => {
      for (const program of programs.toReversed()) await program.stop();
    },
  };
}

async function processorSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The fields after the name, which may contain blanks, begin with field 3. Fields 14 and 15 are the user and system
  // time.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
