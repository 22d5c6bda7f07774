import type { Readable } from 'node:stream';
import { TableError } from '@tablelab/shared';

const newline = 10;
const carriageReturn = 13;
const byteOrderMark = Buffer.from('\ufeff');

/**
 * Yields the lines of `input` as bytes, without their ends (LF or CR LF). The last line may lack its end. The bytes
 * need not be valid text. A byte-order mark before the first line is left out. For a line longer than `lineBytesMax`, yields a TableError TOO_LARGE and does not keep its
 * bytes.
 */
export async function* readLines(
  input: Readable,
  { lineBytesMax }: { lineBytesMax: number },
): AsyncGenerator<Buffer | TableError> {
  let parts: Buffer[] = [];
  let partsBytes = 0;
  let isFirst = true;
  const add = (part: Buffer) => {
    partsBytes += part.length;
    if (partsBytes > lineBytesMax) parts = [];
    else if (part.length > 0) parts.push(part);
  };
  const takeLine = () => {
    const line =
      partsBytes > lineBytesMax
        ? new TableError('TOO_LARGE', `a line of more than ${lineBytesMax} bytes`)
        : withoutReturn(isFirst ? withoutMark(Buffer.concat(parts)) : Buffer.concat(parts));
    isFirst = false;
    parts = [];
    partsBytes = 0;
    return line;
  };
  for await (const data of input) {
    let chunk: Buffer = Buffer.from(data);
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline)) {
      add(chunk.subarray(0, end));
      yield takeLine();
      chunk = chunk.subarray(end + 1);
    }
    add(chunk);
  }
  if (partsBytes > 0) yield takeLine();
}

/** Editors on Windows add it; it would become part of the first command. */
function withoutMark(line: Buffer): Buffer {
  return byteOrderMark.equals(line.subarray(0, byteOrderMark.length))
    ? line.subarray(byteOrderMark.length)
    : line;
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
}
