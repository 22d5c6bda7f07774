/**
 * What a server with data on disk needs after it was killed: to start again by itself, to come back into the chain after a while under
 * load, and all servers at once.
 *
 *     npx node part4/bench/recovery.ts [--entries 1000000] [--away-seconds 10] [--turns 3] [--folder DIR]
 *
 * Keys of 16 bytes, values of 100; three servers with `--fsync always`. Prints medians and ranges: seconds to ready (a member of the chain),
 * bytes on disk for each entry, and what a returning server received over its connections (`ss`, Debian's iproute2) beside the size of a
 * snapshot. The load is that of one client with 64 puts under way.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type ChildProgram, spawnProgram } from '@tablelab/shared/process';
import { startZooKeeper } from '@tablelab/shared/zookeeper';
import { fill, keyOf, tablelab, value } from '../../part3/bench/load.ts';
import { median } from '../../part3/bench/statistics.ts';
import { ChainTable } from '../src/client/chain-table.ts';
import { askServers } from '../src/status/ask-servers.ts';

const { values: options } = parseArgs({
  options: {
    entries: { type: 'string', default: '1000000' },
    'away-seconds': { type: 'string', default: '10' },
    turns: { type: 'string', default: '3' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const entries = Number(options.entries);
const awayMs = Number(options['away-seconds']) * 1_000;
const turns = Number(options.turns);
const deadlineMs = 300_000;
const underWay = 64;
const program = join(import.meta.dirname, '../src/programs/table-server.ts');
const folder = mkdtempSync(join(options.folder, 'tablelab-recovery-'));

interface Server {
  readonly name: string;
  readonly process: ChildProgram;
  readonly address: string;
  /** From its start until it was a member of the chain. */
  readonly seconds: number;
}

const zookeeper = await startZooKeeper();
let servers: Server[] = [];

async function restartsOfOne(): Promise<void> {
  const seconds: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    await kill(2);
    await left();
    servers[2] = await start('third');
    seconds.push(at(2).seconds);
  }
  report('a server that was killed, alone: seconds to ready', seconds);
  report('  bytes on its disk for each entry', [sizeOf('third') / entries]);
}

async function absences(): Promise<void> {
  const seconds: number[] = [];
  const megabytes: number[] = [];
  const missed: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const before = await received();
    const load = new Load(await ChainTable.connect({ zookeeper: zookeeper.address }));
    await kill(2);
    await wait(awayMs);
    missed.push((await received()) - before);
    servers[2] = await start('third');
    seconds.push(at(2).seconds);
    megabytes.push(receivedBytes(at(2).process.pid) / 2 ** 20);
    await load.stop();
    await settled();
  }
  report(`a server that was away for ${awayMs / 1_000} s under load: seconds to ready`, seconds);
  report('  updates that it missed', missed);
  report('  MiB that it received', megabytes);
  console.log(
    `  a full snapshot: ${((entries * (16 + value.length + 9)) / 2 ** 20).toFixed(1)} MiB of entries`,
  );
}

async function restartsOfAll(): Promise<void> {
  const seconds: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    for (const index of servers.keys()) await kill(index);
    const begun = performance.now();
    servers = await Promise.all(servers.map(({ name }) => start(name)));
    const table = await ChainTable.connect({ zookeeper: zookeeper.address, deadlineMs });
    await table.put(keyOf(0), value);
    seconds.push((performance.now() - begun) / 1_000);
    await table.disconnect();
    await settled();
  }
  report('all servers killed and started again: seconds until a put is COMMITTED', seconds);
}

async function start(name: string): Promise<Server> {
  const begun = performance.now();
  const args = ['0', '1024', zookeeper.address, '--data', join(folder, name), '--fsync', 'always'];
  const process = spawnProgram(program, args);
  const [, address = ''] = await process.waitForLine(/^listening on (\S+)$/, deadlineMs);
  return { name, process, address, seconds: (performance.now() - begun) / 1_000 };
}

async function kill(index: number): Promise<void> {
  const { process } = at(index);
  process.kill('SIGKILL');
  await process.exited;
}

/** Until the view no longer has the third server. */
async function left(): Promise<void> {
  const table = await ChainTable.connect({ zookeeper: zookeeper.address });
  while ((await table.servers()).servers.length > 2) await wait(100);
  await table.disconnect();
}

async function received(): Promise<number> {
  const [head] = await askServers([at(0).address], deadlineMs);
  return head !== undefined && 'received' in head.answer ? head.answer.received : Number.NaN;
}

/** Until all servers have executed all updates. */
async function settled(): Promise<void> {
  for (;;) {
    const asked = await askServers(
      servers.map(({ address }) => address),
      deadlineMs,
    );
    const counts = asked.map(({ answer }) =>
      'received' in answer ? [answer.received, answer.stable] : [0, 1],
    );
    if (new Set(counts.flat()).size === 1) return;
    await wait(100);
  }
}

/** By the connections that are open now. */
function receivedBytes(pid: number): number {
  const text = execFileSync('ss', ['--tcp', '--info', '--processes', '--numeric', '--oneline'], {
    encoding: 'utf8',
  });
  return text
    .split('\n')
    .filter((line) => line.includes(`pid=${pid},`))
    .reduce((sum, line) => sum + Number(/bytes_received:(\d+)/.exec(line)?.[1] ?? 0), 0);
}

class Load {
  readonly #table: ChainTable;
  readonly #ended: Promise<unknown>;
  #isOver = false;

  constructor(table: ChainTable) {
    this.#table = table;
    this.#ended = Promise.all(Array.from({ length: underWay }, () => this.#put()));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#ended;
    await this.#table.disconnect();
  }

  async #put(): Promise<void> {
    while (!this.#isOver) await this.#table.put(keyOf(Math.floor(Math.random() * entries)), value);
  }
}

function at(index: number): Server {
  const server = servers[index];
  if (server === undefined) throw new Error(`there is no server ${index}`);
  return server;
}

function portOf({ address }: Server): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}

function sizeOf(name: string): number {
  const path = join(folder, name);
  return readdirSync(path).reduce((sum, file) => sum + statSync(join(path, file)).size, 0);
}

function report(what: string, measured: readonly number[]): void {
  const range =
    measured.length > 1 ? ` (${format(Math.min(...measured))} to ${format(Math.max(...measured))})` : '';
  console.log(`${what}: ${format(median([...measured]))}${range}`);
}

function format(number: number): string {
  return number >= 100 ? String(Math.round(number)) : number.toFixed(1);
}

try {
  for (const name of ['first', 'second', 'third']) servers.push(await start(name));
  await fill({ protocol: tablelab, port: portOf(at(0)), keyCount: entries });
  await settled();
  console.log(`${entries} entries in three servers`);
  report(
    'bytes on disk for each entry',
    servers.map(({ name }) => sizeOf(name) / entries),
  );
  await restartsOfOne();
  await absences();
  await restartsOfAll();
} finally {
  for (const { process } of servers.toReversed()) await process.stop();
  await zookeeper.stop();
  rmSync(folder, { recursive: true, force: true });
}
