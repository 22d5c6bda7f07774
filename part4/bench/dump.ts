/**
 * Dump and load of a table, and puts from a pipe beside `redis-cli --pipe`.
 *
 *     npx node part4/bench/dump.ts [--entries 1000000] [--puts 100000] [--servers 3]
 *
 * Keys of 16 bytes, values of 100. Prints seconds and entries per second: the dump in both formats, the load of the binary one into
 * an empty chain, and whether a dump of that chain has the same bytes. Then `table-client --pipe` and `redis-cli --pipe` (a master
 * with two replicas, which does not wait for them), in turns.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fill, keyOf, redis, tablelab, value } from '../../part3/bench/load.ts';
import { median } from '../../part3/bench/statistics.ts';
import { ProgressLine } from '../src/client/progress-line.ts';
import { ChainTable } from '../src/client/chain-table.ts';
import { dumpTable } from '../src/dump/dump-table.ts';
import { loadTable } from '../src/dump/load-table.ts';
import { startChain, startRedis } from './contestants.ts';

const { values: options } = parseArgs({
  options: {
    entries: { type: 'string', default: '1000000' },
    puts: { type: 'string', default: '100000' },
    servers: { type: 'string', default: '3' },
  },
});
const entries = Number(options.entries);
const puts = Number(options.puts);
const servers = Number(options.servers);
const turns = 3;
const client = join(import.meta.dirname, '../src/programs/table-client.ts');
const folder = mkdtempSync(join(tmpdir(), 'tablelab-dump-'));
const line = new ProgressLine(process.stderr);
const onProgress = (step: string, done: number, total: number) => line.show(step, done, total);

try {
  await dumpAndLoad();
  await pipes();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function dumpAndLoad(): Promise<void> {
  const [binary, lines, again] = [join(folder, 'binary'), join(folder, 'lines.jsonl'), join(folder, 'again')];
  const first = await startChain(servers);
  const table = await ChainTable.connect({ zookeeper: first.zookeeper });
  await fill({ protocol: tablelab, port: first.putPort, keyCount: entries });
  await timed('dump, binary', () => dumpTable(table, { path: binary, body: 'binary', onProgress }));
  await timed('dump, lines', () => dumpTable(table, { path: lines, body: 'lines', onProgress }));
  await table.disconnect();
  await first.stop();
  console.log(`bytes for each entry: binary ${bytesEach(binary)}, lines ${bytesEach(lines)}`);
  const second = await startChain(servers);
  const chain = { zookeeper: second.zookeeper };
  await timed('load', () => loadTable({ chain, path: binary, onProgress }));
  const other = await ChainTable.connect(chain);
  await dumpTable(other, { path: again, body: 'binary', onProgress });
  await other.disconnect();
  await second.stop();
  console.log(`the loaded table has the same bytes: ${bodyOf(binary).equals(bodyOf(again)) ? 'yes' : 'NO'}`);
}

async function timed(name: string, work: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await work();
  line.end();
  const seconds = (performance.now() - start) / 1_000;
  console.log(`${name}: ${seconds.toFixed(1)} s, ${Math.round(entries / seconds)} entries/s`);
}

function bytesEach(path: string): string {
  return (statSync(path).size / entries).toFixed(1);
}

/** Without the header, which names the chain, and the check sum, which covers it. */
function bodyOf(path: string): Buffer {
  const whole = readFileSync(path);
  return whole.subarray(whole.indexOf('\n'), whole.lastIndexOf('{'));
}

async function pipes(): Promise<void> {
  const commands = join(folder, 'commands');
  const requests = join(folder, 'requests');
  const text = Buffer.from(value).toString('hex').slice(0, value.length);
  const keys = Array.from({ length: puts }, (_, index) => keyOf(index));
  writeFileSync(commands, keys.map((key) => `put ${key} ${text}\n`).join(''));
  writeFileSync(requests, Buffer.concat(keys.map((key) => redis.request('put', key, Buffer.from(text)))));
  const chain = await startChain(servers);
  const rival = await startRedis(servers - 1);
  const own: number[] = [];
  const theirs: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    own.push(await piped(process.execPath, [client, chain.zookeeper, '--pipe'], commands));
    theirs.push(await piped('redis-cli', ['-p', String(rival.putPort), '--pipe'], requests));
  }
  await chain.stop();
  await rival.stop();
  const ratio = median(own.map((seconds, turn) => (theirs[turn] ?? Number.NaN) / seconds));
  console.log(
    `--pipe, ${puts} puts, medians of ${turns}: ${median(own).toFixed(2)} s, COMMITTED; redis-cli ${median(theirs).toFixed(2)} s; ratio ${ratio.toFixed(2)}`,
  );
}

async function piped(command: string, args: readonly string[], path: string): Promise<number> {
  const start = performance.now();
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(readFileSync(path));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
  return (performance.now() - start) / 1_000;
}
