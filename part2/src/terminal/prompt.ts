import { clearScreenDown, createInterface, cursorTo, moveCursor } from 'node:readline';
import type { Writable } from 'node:stream';
import { withDeadline } from '@tablelab/shared/process';
import { type TerminalInput, TypeAhead } from './type-ahead.ts';

export interface PromptOptions {
  readonly input: TerminalInput;
  readonly output: Writable;
  readonly prompt: string;
  /** The line at which the caller ends. */
  readonly quitWord: string;
  /** Called when the user types an empty line during a command. */
  readonly onEnter?: () => void;
  /** Returns completions of the last word of `line`. A failure or a long wait counts as no completion. */
  readonly complete: (line: string) => Promise<string[]>;
  /**
   * Stops the job at Ctrl-Z; returns when it continues. Default: stops all processes of the job, as a terminal does.
   */
  readonly suspend?: () => void;
}

/** An interactive prompt, with editing, history and completion. */
export interface Prompt {
  /**
   * Shows the prompt each time the caller asks for the next line. Ends with Ctrl-D, Ctrl-C and the end of the input.
   * Text that is typed or pasted between two requests waits, and is echoed after the caller's output.
   */
  readonly lines: AsyncIterable<Buffer>;
  /** Resolves when the user presses Ctrl-C, also during a command. */
  readonly interrupted: Promise<void>;
  /** Aborted when the user asks to quit during a command: by the quit word, Ctrl-D, or the end of the input. */
  readonly leaving: AbortSignal;
  /** Shows a line of another program above the input line. */
  readonly notice: (text: string) => void;
}

/** How many lines the history keeps. */
const historySize = 1_000;

/** A completion blocks typing, so it may take only this long, in milliseconds. */
const completionTimeoutMs = 300;

/**
 * Stops this process and its parents in the job (`npm start` starts several): the waiting shell takes back the terminal
 * only when all of them are stopped.
 */
function suspendJob(): void {
  process.kill(0, 'SIGTSTP');
}

export function openPrompt(options: PromptOptions): Prompt {
  const { input, output, prompt, quitWord, onEnter, complete, suspend = suspendJob } = options;
  let notice = (text: string) => void output.write(`${text}\n`);
  const { promise: interrupted, resolve: interrupt } = Promise.withResolvers<void>();
  const leaving = new AbortController();
  async function* lines(): AsyncGenerator<Buffer> {
    const typed = new TypeAhead(input, {
      quitWord,
      onInterrupt: () => reader.emit('SIGINT'),
      onLeave: () => leaving.abort(),
      onEnter: () => onEnter?.(),
      onSuspend: () => reader.emit('SIGTSTP'),
    });
    const reader = createInterface({
      input: typed,
      output,
      prompt,
      terminal: true,
      historySize,
      removeHistoryDuplicates: true,
      completer: (line: string, answer: (error: null, result: [string[], string]) => void) => {
        const word = line.slice(line.lastIndexOf(' ') + 1);
        withDeadline(complete(line), completionTimeoutMs, 'a completion').then(
          (candidates) => answer(null, [candidates, word]),
          () => answer(null, [[], word]),
        );
      },
    });
    const arrived: string[] = [];
    let turn = Promise.withResolvers<void>();
    let closed = false;
    let isPrompting = false;
    notice = (text) => {
      if (!isPrompting) {
        output.write(`${text}\n`);
        return;
      }
      const { rows } = reader.getCursorPos();
      moveCursor(output, 0, -rows);
      cursorTo(output, 0);
      clearScreenDown(output);
      // To show the prompt again, readline goes up by as many rows as before.
      output.write(`${text}\n${'\n'.repeat(rows)}`);
      reader.prompt(true);
    };
    // The shell has set the terminal to its own mode meanwhile; only a change of mode is passed on to it.
    const resume = () => {
      typed.setRawMode(false);
      typed.setRawMode(true);
      if (isPrompting) reader.prompt(true);
    };
    process.on('SIGCONT', resume);
    reader.on('SIGTSTP', () => {
      typed.setRawMode(false);
      suspend();
      resume();
    });
    reader.on('line', (line) => {
      isPrompting = false;
      arrived.push(line);
      typed.hold();
      turn.resolve();
    });
    reader.on('close', () => {
      closed = true;
      isPrompting = false;
      process.off('SIGCONT', resume);
      typed.destroy();
      // Later output starts on a new line, not after the prompt.
      output.write('\n');
      turn.resolve();
    });
    reader.on('SIGINT', () => {
      interrupt();
      reader.close();
    });
    try {
      for (;;) {
        const line = arrived.shift();
        if (line !== undefined) yield Buffer.from(line);
        else if (closed) return;
        else {
          turn = Promise.withResolvers<void>();
          isPrompting = true;
          reader.prompt();
          typed.release();
          await turn.promise;
        }
      }
    } finally {
      reader.close();
    }
  }
  return { lines: lines(), interrupted, leaving: leaving.signal, notice: (text) => notice(text) };
}
