import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { TableError } from '../errors.ts';

const newline = 10;
const carriageReturn = 13;

/**
 * The lines of `input` as bytes, without their ends (LF or CR LF); the last one needs none. They need not be text.
 * @throws TableError TOO_LARGE for a line above `lineBytesMax`
 */
export async function* readLines(
  input: Readable,
  { lineBytesMax }: { lineBytesMax: number },
): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let partsBytes = 0;
  for await (const data of input) {
    let chunk: Buffer = Buffer.from(data);
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline)) {
      yield withoutReturn(Buffer.concat([...parts, chunk.subarray(0, end)]));
      parts = [];
      partsBytes = 0;
      chunk = chunk.subarray(end + 1);
    }
    partsBytes += chunk.length;
    if (partsBytes > lineBytesMax) {
      throw new TableError('TOO_LARGE', `a line of more than ${lineBytesMax} bytes`);
    }
    if (chunk.length > 0) parts.push(chunk);
  }
  if (partsBytes > 0) yield withoutReturn(Buffer.concat(parts));
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
}

export interface PromptOptions {
  readonly input: Readable;
  readonly output: Writable;
  readonly prompt: string;
  /** What may stand in place of the last word of `line`. A failure is the same as nothing. */
  readonly complete: (line: string) => Promise<string[]>;
}

/** Lines that a person types, with editing, history and completion. */
export interface Prompt {
  /** Asks for a line whenever the next one is wanted; ends with Ctrl-D, Ctrl-C and the end of the input. */
  readonly lines: AsyncIterable<Buffer>;
  /** Settles when the person gives up (Ctrl-C), which may be in the middle of a command. */
  readonly interrupted: Promise<void>;
}

/** How many lines can be called back. */
const historySize = 1_000;

export function openPrompt({ input, output, prompt, complete }: PromptOptions): Prompt {
  const { promise: interrupted, resolve: interrupt } = Promise.withResolvers<void>();
  async function* lines(): AsyncGenerator<Buffer> {
    const reader = createInterface({
      input,
      output,
      prompt,
      terminal: true,
      historySize,
      removeHistoryDuplicates: true,
      completer: (line: string, answer: (error: null, result: [string[], string]) => void) => {
        const word = line.slice(line.lastIndexOf(' ') + 1);
        complete(line).then(
          (candidates) => answer(null, [candidates, word]),
          () => answer(null, [[], word]),
        );
      },
    });
    let closed = false;
    reader.on('close', () => {
      closed = true;
    });
    reader.on('SIGINT', () => {
      interrupt();
      reader.close();
    });
    try {
      reader.prompt();
      for await (const line of reader) {
        yield Buffer.from(line);
        // Lines that came before the end are still given out after it.
        if (!closed) reader.prompt();
      }
    } finally {
      reader.close();
      // So that what comes next does not stand behind the prompt.
      output.write('\n');
    }
  }
  return { lines: lines(), interrupted };
}
