import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** How many of the last lines are kept; earlier ones are dropped. */
const linesMax = 2_000;

/** A longer line is split into pieces of this size, so that output without line ends is bounded too. */
const lineLengthMax = 65_536;

/**
 * The last lines of a stream. {@link take} returns each line once, in order.
 * Invariant: `taken` is the index in `lines` of the first line that has not been taken.
 */
export class LineLog {
  readonly #lines: string[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #decoder = new StringDecoder('utf8');
  #unfinished = '';
  #taken = 0;

  constructor(stream: Readable) {
    stream.on('data', (chunk: Buffer) => this.#append(this.#decoder.write(chunk)));
    stream.on('end', () => {
      this.#append(this.#decoder.end());
      if (this.#unfinished !== '') this.#append('\n');
    });
  }

  /** The lines that are kept, without line ends. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Returns the first line that matches and has not been taken; takes that line and all lines before it. */
  take(pattern: RegExp): RegExpMatchArray | undefined {
    for (let index = this.#taken; index < this.#lines.length; index += 1) {
      const match = this.#lines[index]?.match(pattern);
      if (match) {
        this.#taken = index + 1;
        return match;
      }
    }
    return undefined;
  }

  /** Calls `listener` when lines have been added, until the returned function is called. */
  onLine(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #append(text: string): void {
    const lines = (this.#unfinished + text).split('\n');
    const pieces = lines.flatMap((line) => (line.length <= lineLengthMax ? line : piecesOf(line)));
    this.#unfinished = pieces.pop() ?? '';
    if (pieces.length === 0) return;
    this.#lines.push(...pieces);
    const excess = this.#lines.length - linesMax;
    if (excess > 0) {
      this.#lines.splice(0, excess);
      this.#taken = Math.max(0, this.#taken - excess);
    }
    for (const listener of this.#listeners) listener();
  }
}

function piecesOf(line: string): string[] {
  const count = Math.ceil(line.length / lineLengthMax);
  return Array.from({ length: count }, (_, i) => line.slice(i * lineLengthMax, (i + 1) * lineLengthMax));
}
