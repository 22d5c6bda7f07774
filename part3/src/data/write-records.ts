import { TableError } from '@tablelab/shared';
import type { TakenTask, Task } from '../store/task-queue.ts';

// A block of writes:
//
//     number of the first write, 8 | number of writes, 4 | writes
//
// A write:
//
//     kind, 1 | bytes of the key, 4 | of the value, 4 | of the expected value, 4 | key, value, expected value
//
// Integers are little-endian; the number is a float64.
const blockHeaderBytes = 12;
const recordHeaderBytes = 13;

/** The numbers of the kinds never change. */
const ops = [undefined, 'put', 'del', 'putIfAbsent', 'putIfEquals'] as const;
const kindOf = { put: 1, del: 2, putIfAbsent: 3, putIfEquals: 4 } as const;

/** A write with its number, as the log has it. */
export type RecordedWrite = Omit<TakenTask, 'queuedAtMs'>;

const noBytes = new Uint8Array(0);

/** How much memory the write takes in a block, in bytes. */
export function recordBytes({
  key,
  data,
  expected = noBytes,
}: Pick<Task, 'key' | 'data' | 'expected'>): number {
  return recordHeaderBytes + Buffer.byteLength(key) + data.length + expected.length;
}

/** `tasks` are at least one, with consecutive numbers; `bytes` is the sum of their {@link recordBytes}. */
export function encodeWrites(
  tasks: readonly Pick<Task, 'opN' | 'op' | 'key' | 'data' | 'expected'>[],
  bytes: number,
): Uint8Array {
  const block = Buffer.allocUnsafe(blockHeaderBytes + bytes);
  block.writeDoubleLE(tasks[0]?.opN ?? 0, 0);
  block.writeUInt32LE(tasks.length, 8);
  let at = blockHeaderBytes;
  for (const { op, key, data, expected = noBytes } of tasks) {
    const keyBytes = block.write(key, at + recordHeaderBytes);
    block[at] = kindOf[op];
    block.writeUInt32LE(keyBytes, at + 1);
    block.writeUInt32LE(data.length, at + 5);
    block.writeUInt32LE(expected.length, at + 9);
    at += recordHeaderBytes + keyBytes;
    block.set(data, at);
    block.set(expected, at + data.length);
    at += data.length + expected.length;
  }
  return block;
}

/**
 * The writes of a block, which are views of it.
 * @throws TableError LOST, during the iteration, for bytes that no server has written
 */
export function* decodeWrites(block: Uint8Array): Generator<RecordedWrite> {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.length);
  const damaged = () => new TableError('LOST', 'the block is damaged, although its checksum is right');
  if (bytes.length < blockHeaderBytes) throw damaged();
  const first = bytes.readDoubleLE(0);
  const count = bytes.readUInt32LE(8);
  let at = blockHeaderBytes;
  for (let index = 0; index < count; index += 1) {
    if (at + recordHeaderBytes > bytes.length) throw damaged();
    const op = ops[bytes[at] as number];
    const keyStart = at + recordHeaderBytes;
    const dataStart = keyStart + bytes.readUInt32LE(at + 1);
    const expectedStart = dataStart + bytes.readUInt32LE(at + 5);
    const end = expectedStart + bytes.readUInt32LE(at + 9);
    if (op === undefined || end > bytes.length) throw damaged();
    yield {
      opN: first + index,
      op,
      key: bytes.subarray(keyStart, dataStart),
      data: bytes.subarray(dataStart, expectedStart),
      expected: bytes.subarray(expectedStart, end),
    };
    at = end;
  }
}
