/** What servers keep in memory of large values, on real processes. */
import { readFileSync } from 'node:fs';
import { must } from '@tablelab/shared';
import t from 'tap';
import { connectTable, startChain } from './support/chain-programs.ts';

t.setTimeout(150_000);

const valueBytes = 16_000_000;
const keys = 8;
/** More than three times what the log and all queues hold together. A hundred take half a minute. */
const puts = 100;
/** So many are under way at once, in the second half. */
const window = 8;

/**
 * The most memory that a server may ever have used, in bytes: 128 MB of entries and as much again for what replaces them,
 * the log's window (16 MiB) and what is under way (64 MiB and a value more), once in the log, once in the queue of the table,
 * and once on its way out; and the program itself. Without limits it would be what was put, 1.6 GB and more.
 */
const peakBytesMax = 700 * 1024 * 1024;

/** Of the process so far, in bytes. */
function peakBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [, kibibytes] = must(/^VmHWM:\s+(\d+) kB/m.exec(status), 'Linux has this figure');
  return 1024 * Number(kibibytes);
}

t.test(
  `${puts} puts of ${valueBytes / 1e6} MB over ${keys} keys: the memory of every server is bounded (part4/README.md#chain-limits)`,
  { skip: process.platform !== 'linux' },
  async (t) => {
    const { zookeeper, chain } = await startChain(t, 3);
    const table = await connectTable(t, zookeeper);
    const put = (n: number) => table.put(`key ${n % keys}`, new Uint8Array(valueBytes).fill(n));
    const peaks = () => chain.map(({ program }) => Math.round(peakBytes(program.pid) / 2 ** 20)).join(', ');
    for (let n = 0; n < puts / 2; n += 1) await put(n);
    t.comment(`one after the other: ${peaks()} MiB`);
    for (let n = puts / 2; n < puts; n += window) {
      await Promise.all(Array.from({ length: window }, (_, more) => put(n + more)));
    }
    t.comment(`${window} at a time: ${peaks()} MiB`);
    for (const { program } of chain) t.ok(peakBytes(program.pid) < peakBytesMax, 'bounded');
    t.equal((await table.get('key 3'))?.length, valueBytes);
  },
);
