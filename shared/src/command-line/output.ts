import { fstatSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { errorText } from '../errors.ts';

/**
 * The exit code that a shell reports for a program that SIGPIPE has ended, because its output has no reader any more.
 */
export const readerGoneExitCode = 141;

/**
 * Writes lines to a stream at the speed of its reader. A reader that has gone (`... | head -1`) is not an error; a full
 * disk is one. {@link ended} is true in both cases, and later lines are dropped.
 */
export class LineOutput {
  readonly #stream: Writable;
  #end: { readonly failure: Error | undefined } | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', (error) => this.#stop(error));
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** Why nothing more can be written; undefined if it can, or if only the reader has gone. */
  get failure(): Error | undefined {
    return this.#end?.failure;
  }

  /** Writes `text` and a newline. Resolves when the stream has accepted them, or has ended. */
  print(text: string): Promise<void> {
    return this.write(`${text}\n`);
  }

  /** Writes bytes as they are. */
  async write(bytes: string | Uint8Array): Promise<void> {
    if (this.ended) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stream.write(bytes, (error) => {
      if (error) this.#stop(error);
      resolve();
    });
    await promise;
  }

  #stop(error: Error): void {
    if (this.#end !== undefined) return;
    const text = `cannot write the output: ${errorText(error)}`;
    this.#end = { failure: isReaderGone(error) ? undefined : new Error(text, { cause: error }) };
  }
}

/** Whether writing failed because a pipe has no reader any more. */
function isReaderGone(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE';
}

/** Standard output. For a file it is a stream that writes all, see {@link FileOutput}. */
export function standardOutput(): Writable & { readonly isTTY?: boolean } {
  const { fd } = process.stdout;
  return fstatSync(fd).isFile() ? new FileOutput(fd) : process.stdout;
}

/** The system may write only a part, for instance when the disk is nearly full. Node's stream for files drops the rest. */
export class FileOutput extends Writable {
  readonly #fd: number;

  constructor(fd: number) {
    super();
    this.#fd = fd;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    try {
      for (let rest = chunk; rest.length > 0; ) rest = rest.subarray(writeSync(this.#fd, rest));
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  }
}

/**
 * For programs that print with `console.log`, which ignores errors: ends the process when standard output cannot be
 * written. If the reader has gone, it ends silently, as after SIGPIPE; otherwise with one line and exit code 1.
 */
export function endWithoutOutput(name: string, end: (code: number) => void = process.exit): void {
  process.stdout.on('error', (error) => {
    if (isReaderGone(error)) return end(readerGoneExitCode);
    process.stderr.write(`${name}: cannot write the output: ${errorText(error)}\n`);
    end(1);
  });
}
