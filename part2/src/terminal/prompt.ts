import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { withDeadline } from '@tablelab/shared/process';
import { type TerminalInput, TypeAhead } from './type-ahead.ts';

export interface PromptOptions {
  readonly input: TerminalInput;
  readonly output: Writable;
  readonly prompt: string;
  /** The line at which the caller ends. */
  readonly quitWord: string;
  /** Returns completions of the last word of `line`. A failure or a long wait counts as no completion. */
  readonly complete: (line: string) => Promise<string[]>;
}

/** A prompt for a person, with editing, history and completion. */
export interface Prompt {
  /**
   * Shows the prompt each time the caller asks for the next line. Ends with Ctrl-D, Ctrl-C and the end of the input.
   * Text that is typed or pasted between two requests waits, and is echoed after the caller's output.
   */
  readonly lines: AsyncIterable<Buffer>;
  /** Resolves when the person presses Ctrl-C, also during a command. */
  readonly interrupted: Promise<void>;
  /** Aborted when the person asks to quit during a command: by the quit word, Ctrl-D, or the end of the input. */
  readonly leaving: AbortSignal;
}

/** How many lines the history keeps. */
const historySize = 1_000;

/** A completion blocks typing, so it may take only this long, in milliseconds. */
const completionTimeoutMs = 300;

export function openPrompt({ input, output, prompt, quitWord, complete }: PromptOptions): Prompt {
  const { promise: interrupted, resolve: interrupt } = Promise.withResolvers<void>();
  const leaving = new AbortController();
  async function* lines(): AsyncGenerator<Buffer> {
    const typed = new TypeAhead(input, {
      quitWord,
      onInterrupt: () => reader.emit('SIGINT'),
      onLeave: () => leaving.abort(),
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
    reader.on('line', (line) => {
      arrived.push(line);
      typed.hold();
      turn.resolve();
    });
    reader.on('close', () => {
      closed = true;
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
          reader.prompt();
          typed.release();
          await turn.promise;
        }
      }
    } finally {
      reader.close();
    }
  }
  return { lines: lines(), interrupted, leaving: leaving.signal };
}
