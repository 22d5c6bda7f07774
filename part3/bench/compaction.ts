/**
 * The capacity of a table, and the duration of puts that must move nodes together first:
 *
 *     npx node part3/bench/compaction.ts [MiB of memory] [bytes of a small value]
 *
 * Fills a table with small entries, deletes random ones until a larger one fits, puts that one, and repeats this: the
 * free memory is in pieces of one small entry. By default, these take as much memory as their logical size, which
 * leaves the least room. The executor makes room in steps, and readers get the table's lock between them, so they wait
 * for the longest step.
 */
import { logicalEntryBytes, must, seededRandom } from '@tablelab/shared';
import { SharedTable } from '../src/shared-memory/shared-table.ts';

const mebibyte = 2 ** 20;
const keyBytes = 17;
const [memoryMiB = 256, smallBytes = 97] = process.argv.slice(2).map(Number);
const memoryBytesMax = memoryMiB * mebibyte;
const smallEntryBytes = logicalEntryBytes(keyBytes, smallBytes);
const keyOf = (number: number) => String(number).padStart(keyBytes, 'k');

/** A full table, and the numbers of its entries. */
function fullTable(): { table: SharedTable; present: number[] } {
  const table = SharedTable.create({ nLists: 1024, memoryBytesMax });
  const value = new Uint8Array(smallBytes).fill(1);
  const present: number[] = [];
  while (table.logicalCapacity - table.logicalBytes >= smallEntryBytes) {
    table.put(keyOf(present.length), value);
    present.push(present.length);
  }
  return { table, present };
}

const { table: full, present: all } = fullTable();
const ratio = (full.logicalCapacity / memoryBytesMax).toFixed(3);
const bytesEach = (full.memoryBytes / all.length).toFixed(1);
console.log(`${memoryMiB} MiB of memory, a capacity of ${ratio} of that in logical bytes`);
console.log(
  `full of ${all.length} entries of ${keyBytes} + ${smallBytes} bytes, which take ${bytesEach} bytes and count ${smallEntryBytes}`,
);

for (const largeBytes of [200, 1_000, 10_000, 100_000, mebibyte, 16 * mebibyte]) {
  const random = seededRandom(1);
  const { table, present } = fullTable();
  const times: number[] = [];
  let longestStep = 0;
  const puts = Math.max(3, Math.min(20_000, Math.floor((32 * mebibyte) / largeBytes)));
  for (let put = 0; put < puts; put += 1) {
    const key = `large ${put}`;
    const value = new Uint8Array(largeBytes).fill(put);
    while (table.logicalCapacity - table.logicalBytes < logicalEntryBytes(key.length, largeBytes)) {
      const at = random.int(present.length);
      const number = must(present[at], 'in range');
      present[at] = must(present.at(-1), 'there is one');
      present.pop();
      table.del(keyOf(number));
    }
    const keyInBytes = Buffer.from(key);
    const start = performance.now();
    let stepStart = start;
    const endStep = () => {
      const now = performance.now();
      longestStep = Math.max(longestStep, now - stepStart);
      stepStart = now;
    };
    for (const _ of table.makeRoom(keyInBytes, largeBytes)) endStep();
    table.putBytes(keyInBytes, value);
    endStep();
    times.push(performance.now() - start);
  }
  times.sort((one, other) => one - other);
  const [median = 0, longest = 0] = [times[times.length >> 1], times.at(-1)];
  console.log(
    `${puts} puts of ${largeBytes} bytes: median ${median.toFixed(3)} ms, longest ${longest.toFixed(3)} ms, in steps of ${longestStep.toFixed(3)} ms at most`,
  );
}
