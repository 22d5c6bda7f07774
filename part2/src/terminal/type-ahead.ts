import { Readable } from 'node:stream';

const lineFeed = 10;
const carriageReturn = 13;
const controlC = 3;
const controlZ = 26;

/** When this many bytes are waiting, the terminal is not read. */
const heldBytesMax = 1024 * 1024;

export interface TypeAheadOptions {
  /** The line that ends the session, as Ctrl-D does. */
  readonly quitWord: string;
  /** Called for Ctrl-C while input is held. */
  readonly onInterrupt: () => void;
  /** Called when the held input contains the quit word or Ctrl-D, or has ended. */
  readonly onLeave: () => void;
  /** Called when the held input contains an empty line. */
  readonly onEnter: () => void;
  /** Called for Ctrl-Z while input is held. */
  readonly onSuspend: () => void;
}

/** The input of a terminal, or of a test. */
export type TerminalInput = Readable & { setRawMode?(raw: boolean): unknown };

/**
 * Passes typed input on, one line at a time. Between {@link hold} and {@link release} it holds the input, so that a pasted
 * command is echoed after the answer to the command before it. Held input is searched for Ctrl-C, Ctrl-Z and requests to
 * quit.
 *
 * Invariant: the reader has received at most one line end for which it has not called {@link hold} yet.
 */
export class TypeAhead extends Readable {
  readonly #source: TerminalInput;
  readonly #options: TypeAheadOptions;
  readonly #stopListening: () => void;
  #held: Buffer = Buffer.alloc(0);
  #holding = false;
  #sourceEnded = false;
  /** Whether the reader wants more. */
  #wanted = false;
  /** Whether the last byte was a carriage return; a line feed after it belongs to the same line end. */
  #afterReturn = false;

  constructor(source: TerminalInput, options: TypeAheadOptions) {
    // So low that a paused reader receives at most one piece.
    super({ highWaterMark: 1 });
    this.#source = source;
    this.#options = options;
    const onData = (chunk: Buffer) => this.#take(chunk);
    const onEnd = () => this.#endSource();
    source.on('data', onData).on('end', onEnd).on('error', onEnd);
    // The error listener stays, because a late error must not end the process.
    this.#stopListening = () => source.off('data', onData).off('end', onEnd);
  }

  /** Readline calls this to read single keys. */
  setRawMode(raw: boolean): void {
    this.#source.setRawMode?.(raw);
  }

  hold(): void {
    this.#holding = true;
    this.#look();
  }

  release(): void {
    this.#holding = false;
    this.#feed();
  }

  override _read(): void {
    // By then, readline has processed the last piece and called hold for a line in it.
    setImmediate(() => {
      this.#wanted = true;
      this.#feed();
    });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stopListening();
    this.#source.pause();
    done(error);
  }

  #take(chunk: Buffer): void {
    this.#held = Buffer.concat([this.#held, this.#holding ? this.#withoutSuspend(chunk) : chunk]);
    if (this.#held.length > heldBytesMax) this.#source.pause();
    this.#look();
    this.#feed();
  }

  /** Ctrl-Z takes effect at once, once for each chunk, and is not input. */
  #withoutSuspend(chunk: Buffer): Buffer {
    if (!chunk.includes(controlZ)) return chunk;
    // The rest of the chunk is available when the program continues.
    setImmediate(this.#options.onSuspend);
    return Buffer.from(chunk.filter((byte) => byte !== controlZ));
  }

  #endSource(): void {
    this.#sourceEnded = true;
    this.#look();
    this.#feed();
  }

  #look(): void {
    if (!this.#holding) return;
    if (this.#held.includes(controlC)) this.#options.onInterrupt();
    else if (this.#sourceEnded || this.#asksForEnd()) this.#options.onLeave();
    else if (this.#heldLines().slice(0, -1).includes('')) this.#options.onEnter();
  }

  /** The lines that are held; the last one has not been ended. */
  #heldLines(): string[] {
    const isWithin = this.#afterReturn && this.#held[0] === lineFeed;
    return this.#held
      .subarray(isWithin ? 1 : 0)
      .toString('latin1')
      .split(/\r\n|\r|\n/);
  }

  /** Ctrl-D counts only at the beginning of a line. */
  #asksForEnd(): boolean {
    const lines = this.#heldLines();
    const last = lines.pop();
    return (
      lines.some((line) => line.startsWith('\x04') || line.trim() === this.#options.quitWord) ||
      last?.startsWith('\x04') === true
    );
  }

  /** Passes on the input up to the end of the line. */
  #feed(): void {
    if (this.#holding || !this.#wanted || this.destroyed) return;
    if (this.#afterReturn && this.#held[0] === lineFeed) this.#held = this.#held.subarray(1);
    if (this.#held.length === 0) {
      if (this.#sourceEnded) this.push(null);
      return;
    }
    const lineEnd = this.#held.findIndex((byte) => byte === lineFeed || byte === carriageReturn);
    const length = lineEnd < 0 ? this.#held.length : lineEnd + 1;
    const piece = Buffer.from(this.#held.subarray(0, length));
    this.#held = this.#held.subarray(length);
    this.#afterReturn = piece.at(-1) === carriageReturn;
    // Readline ignores a line feed shortly after a carriage return, but never ignores a carriage return.
    if (lineEnd >= 0) piece[lineEnd] = carriageReturn;
    this.#wanted = false;
    if (this.#held.length <= heldBytesMax) this.#source.resume();
    this.push(piece);
  }
}
