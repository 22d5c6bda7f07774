import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { withDeadline } from '@tablelab/shared/process';
import { type TerminalInput, TypeAhead } from './type-ahead.ts';

export interface PromptOptions {
  readonly input: TerminalInput;
  readonly output: Writable;
  readonly prompt: string;
  /** The line that the caller ends at. */
  readonly quitWord: string;
  /** What may stand in place of the last word of `line`. A failure is the same as nothing, and so is a long wait. */
  readonly complete: (line: string) => Promise<string[]>;
}

/** Lines that a person types, with editing, history and completion. */
export interface Prompt {
  /**
   * Asks for a line whenever the next one is wanted; ends with Ctrl-D, Ctrl-C and the end of the input. What is typed
   * or pasted meanwhile waits, and appears beneath what the caller has printed.
   */
  readonly lines: AsyncIterable<Buffer>;
  /** Settles when the person gives up (Ctrl-C), which may be in the middle of a command. */
  readonly interrupted: Promise<void>;
  /** Aborted when the person asks for the end in the middle of a command: the quit word, Ctrl-D, end of the input. */
  readonly leaving: AbortSignal;
}

/** How many lines can be called back. */
const historySize = 1_000;

/** Nothing can be typed while a completion is looked for: it may take this long, in milliseconds. */
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
      // So that what comes next does not stand behind the prompt.
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
