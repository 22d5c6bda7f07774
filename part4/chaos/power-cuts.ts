import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Random, seededRandom, TableError } from '@tablelab/shared';
import { readBlocks, type SyncPolicy } from '@tablelab/shared/disk';
import { openStoppedDisk } from '@tablelab/shared/node-disk';
import {
  type ChildProgram,
  spawnProgram,
  startZooKeeper,
  type ZooKeeperServer,
} from '@tablelab/shared/testing';
import { ChainTable } from '../src/client/chain-table.ts';
import { Workload } from './workload.ts';

export interface PowerCutOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly servers: number;
  readonly policy: SyncPolicy;
  readonly say: (line: string) => void;
  /** Aborting it ends the run after the present round. */
  readonly stop: AbortSignal;
}

export interface PowerCutReport {
  readonly rounds: number;
  /** Rounds in which ZooKeeper was killed, too. */
  readonly withZooKeeper: number;
  /** Writes that were answered COMMITTED before a cut. */
  readonly acknowledged: number;
  /** Those of them that were gone after it. */
  readonly lost: number;
  /** For each round, from the last answered write that is gone back to the first one, in milliseconds; 0: none is gone. */
  readonly lostMs: readonly number[];
  /** For each round, from the start of the first process to the first answered write and read, in milliseconds. */
  readonly serviceMs: readonly number[];
}

const tableServer = fileURLToPath(new URL('../src/programs/table-server.ts', import.meta.url));
const sessionTimeoutMs = 1_000;
const startDeadlineMs = 60_000;
const operationDeadlineMs = 60_000;
/** A cut comes this long after the clients have begun, in milliseconds. */
const loadMs = { min: 100, max: 2_000 };
const counters = 8;
const noBytes = new Uint8Array(0);

/** A worker that puts one key after the other, and remembers when each was answered. */
class Counter {
  readonly #table: ChainTable;
  readonly #prefix: string;
  /** The keys whose put was answered, and when, in milliseconds. */
  readonly answered: { readonly key: string; readonly at: number }[] = [];
  #isStopping = false;
  readonly #running: Promise<void>;

  constructor(table: ChainTable, prefix: string) {
    this.#table = table;
    this.#prefix = prefix;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const key = `${this.#prefix}:${this.answered.length}`;
      try {
        await this.#table.put(key, noBytes);
      } catch (error) {
        // The chain has lost its memory of this client in a cut.
        if (error instanceof TableError && error.code === 'LOST') return;
        throw error;
      }
      this.answered.push({ key, at: performance.now() });
    }
  }
}

/**
 * Rounds of: clients write, every server of the chain is killed at a random moment, in half of the rounds ZooKeeper, too, and all
 * are started again with what is on their disks. With `always`, the history of the clients across the cut must be linearizable.
 *
 * The end of a process loses nothing that it has written, so with another policy, what a power cut could take is taken away from
 * the logs: everything that they do not say was synced.
 */
export class PowerCuts {
  readonly #options: PowerCutOptions;
  readonly #random: Random;
  readonly #zookeeper: ZooKeeperServer;
  readonly #directory: string;
  #programs: ChildProgram[] = [];
  #withZooKeeper = 0;
  #acknowledged = 0;
  #lost = 0;
  readonly #lostMs: number[] = [];
  readonly #serviceMs: number[] = [];

  /** @throws Error if a history is not linearizable, or the chain does not come back */
  static async run(options: PowerCutOptions): Promise<PowerCutReport> {
    const zookeeper = await startZooKeeper({ tickTimeMs: 200 });
    const directory = await mkdtemp(join(tmpdir(), 'tablelab-power-'));
    const cuts = new PowerCuts(options, zookeeper, directory);
    try {
      await cuts.#start();
      let rounds = 0;
      while (rounds < options.rounds && !options.stop.aborted) {
        rounds += 1;
        await cuts.#round(rounds);
      }
      return cuts.#report(rounds);
    } catch (error) {
      const logs = cuts.#programs.flatMap(({ name, stderrLines }) => [name, ...stderrLines.slice(-40)]);
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${logs.join('\n')}`, {
        cause: error,
      });
    } finally {
      await Promise.all(cuts.#programs.map((program) => program.stop()));
      await zookeeper.stop();
      await rm(directory, { recursive: true, force: true });
    }
  }

  private constructor(options: PowerCutOptions, zookeeper: ZooKeeperServer, directory: string) {
    this.#options = options;
    this.#zookeeper = zookeeper;
    this.#directory = directory;
    this.#random = seededRandom(options.seed);
  }

  async #round(round: number): Promise<void> {
    const { policy, say } = this.#options;
    const isJudged = policy === 'always';
    const zookeeper = this.#zookeeper.address;
    // Its own: how many numbers clients draw depends on the load, and what is killed should depend on the seed alone.
    const random = seededRandom(this.#options.seed + round);
    const table = await ChainTable.connect({ zookeeper, deadlineMs: operationDeadlineMs });
    const workload = isJudged
      ? await Workload.start({
          zookeeper,
          random,
          prefix: `r${round}:`,
          servers: () => [],
          operationDeadlineMs,
        })
      : undefined;
    try {
      const counting = Array.from(
        { length: counters },
        (_, index) => new Counter(table, `n${round}:${index}`),
      );
      await pause(loadMs.min + this.#random.int(loadMs.max - loadMs.min));
      const hasZooKeeper = this.#random.int(2) === 0;
      await this.#cut(hasZooKeeper);
      const answered = counting.flatMap((counter) => counter.answered);
      const began = performance.now();
      if (hasZooKeeper) await this.#zookeeper.restart();
      const [tookMs] = await Promise.all([
        this.#serves().then(() => performance.now() - began),
        this.#start(),
      ]);
      await workload?.progress(startDeadlineMs);
      await Promise.all(counting.map((counter) => counter.stop()));
      const lost = await this.#lostOf(answered);
      await Promise.all(counting.flatMap((counter) => counter.answered.map(({ key }) => table.del(key))));
      await workload?.readEveryKey();
      await workload?.stop();
      workload?.judge();
      this.#serviceMs.push(tookMs);
      this.#lostMs.push(lost.ms);
      this.#withZooKeeper += hasZooKeeper ? 1 : 0;
      this.#lost += lost.count;
      const count = answered.length;
      this.#acknowledged += count + (workload?.done.write ?? 0);
      const ending = isJudged ? 'linearizable, ' : '';
      const what = hasZooKeeper ? 'everything' : 'all servers';
      say(
        `round ${round}: ${ending}${what} killed, ${count} writes counted, ${lost.count} lost, service after ${Math.round(tookMs)} ms`,
      );
    } finally {
      await workload?.abandon();
      await table.disconnect();
    }
  }

  /** Kills all servers at once, and ZooKeeper. */
  async #cut(hasZooKeeper: boolean): Promise<void> {
    const programs = this.#programs;
    this.#programs = [];
    for (const program of programs) program.kill('SIGKILL');
    if (hasZooKeeper) await crash(this.#zookeeper);
    await Promise.all(programs.map(({ exited }) => exited));
    if (this.#options.policy === 'always') return;
    for (let place = 0; place < this.#options.servers; place += 1)
      await dropUnsynced(this.#directoryOf(place));
  }

  /** Resolves once all servers are members. */
  async #start(): Promise<void> {
    const { servers, policy } = this.#options;
    this.#programs = Array.from({ length: servers }, (_, place) =>
      spawnProgram(
        tableServer,
        [
          ...['0', '64', this.#zookeeper.address, '--session-timeout', String(sessionTimeoutMs), '--verbose'],
          ...['--data', this.#directoryOf(place), '--fsync', policy],
        ],
        { name: `server ${place}` },
      ),
    );
    await Promise.all(this.#programs.map((program) => program.waitForLine(/^listening on/, startDeadlineMs)));
  }

  /** Resolves once a write and a read have been answered. */
  async #serves(): Promise<void> {
    const { address: zookeeper } = this.#zookeeper;
    const table = await ChainTable.connect({ zookeeper, deadlineMs: startDeadlineMs });
    try {
      await table.put('alive', Buffer.from('1'));
      await table.get('alive');
    } finally {
      await table.disconnect();
    }
  }

  /** How many are gone, and over which time they were answered. */
  async #lostOf(
    answered: readonly { readonly key: string; readonly at: number }[],
  ): Promise<{ count: number; ms: number }> {
    const { address: zookeeper } = this.#zookeeper;
    const table = await ChainTable.connect({ zookeeper, deadlineMs: startDeadlineMs });
    try {
      const isThere = await Promise.all(answered.map(({ key }) => table.has(key)));
      const gone = answered.filter((_, index) => !isThere[index]).map(({ at }) => at);
      return { count: gone.length, ms: gone.length === 0 ? 0 : Math.max(...gone) - Math.min(...gone) };
    } finally {
      await table.disconnect();
    }
  }

  #directoryOf(place: number): string {
    return join(this.#directory, `server-${place}`);
  }

  #report(rounds: number): PowerCutReport {
    return {
      rounds,
      withZooKeeper: this.#withZooKeeper,
      acknowledged: this.#acknowledged,
      lost: this.#lost,
      lostMs: this.#lostMs,
      serviceMs: this.#serviceMs,
    };
  }
}

async function crash(zookeeper: ZooKeeperServer): Promise<void> {
  zookeeper.kill('SIGKILL');
  await zookeeper.exited;
}

/** Cuts the last log where the last block says that everything below had been synced. */
async function dropUnsynced(directory: string): Promise<void> {
  const last = (await readdir(directory))
    .filter((name) => /^log-\d+$/.test(name))
    .toSorted()
    .at(-1);
  if (last === undefined) return;
  const disk = await openStoppedDisk(directory);
  let synced = 0;
  try {
    // The first block, the header, is always synced.
    for await (const { offset, end, synced: mark } of readBlocks(disk, last))
      synced = Math.max(synced, offset === 0 ? end : mark);
  } finally {
    await disk.close();
  }
  const file = await open(join(directory, last), 'r+');
  await file.truncate(synced);
  await file.close();
}
