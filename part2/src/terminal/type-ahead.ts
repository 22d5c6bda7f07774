import { Readable } from 'node:stream';

const lineFeed = 10;
const carriageReturn = 13;
const controlC = 3;

/** With this much typed ahead no more is taken from the terminal, in bytes. */
const heldBytesMax = 1024 * 1024;

export interface TypeAheadOptions {
  /** The line that ends the conversation, as Ctrl-D does. */
  readonly quitWord: string;
  /** Ctrl-C was typed while the lines are held back. */
  readonly onInterrupt: () => void;
  /** The end was asked for while lines are held back: the input is over, or holds the quit word or Ctrl-D. */
  readonly onLeave: () => void;
}

/** A terminal's input, or what stands for one. */
export type TerminalInput = Readable & { setRawMode?(raw: boolean): unknown };

/**
 * What is typed, a line at a time: between {@link hold} and {@link release} it is kept back, so that the echo of a
 * pasted command stands beneath the answer to the one before. Meanwhile it is searched for what cannot wait.
 *
 * Invariant: at most one line end has been handed out that {@link hold} may still follow.
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
  /** A line feed that follows a carriage return belongs to it. */
  #afterReturn = false;

  constructor(source: TerminalInput, options: TypeAheadOptions) {
    // So low that a reader that pauses is given no more than one piece.
    super({ highWaterMark: 1 });
    this.#source = source;
    this.#options = options;
    const onData = (chunk: Buffer) => this.#take(chunk);
    const onEnd = () => this.#endSource();
    source.on('data', onData).on('end', onEnd).on('error', onEnd);
    // A listener for errors stays: one that comes late must not end the process.
    this.#stopListening = () => source.off('data', onData).off('end', onEnd);
  }

  /** Readline switches its input to single keys. */
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
    // Readline has dealt with the last piece by then, and a line in it has been held.
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
    this.#held = Buffer.concat([this.#held, chunk]);
    if (this.#held.length > heldBytesMax) this.#source.pause();
    this.#look();
    this.#feed();
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
  }

  /** Ctrl-D ends where a line would begin. */
  #asksForEnd(): boolean {
    const lines = this.#held.toString('latin1').split(/[\r\n]/);
    const last = lines.pop();
    return (
      lines.some((line) => line.startsWith('\x04') || line.trim() === this.#options.quitWord) ||
      last?.startsWith('\x04') === true
    );
  }

  /** Hands out what is typed up to the end of the line. */
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
    // Readline ignores a line feed soon after a carriage return, but never a carriage return.
    if (lineEnd >= 0) piece[lineEnd] = carriageReturn;
    this.#wanted = false;
    if (this.#held.length <= heldBytesMax) this.#source.resume();
    this.push(piece);
  }
}
