import { TableError } from '@tablelab/shared';
import { UsageError } from '@tablelab/shared/command-line';
import { connectionLost } from './client-session.ts';
import { type Answer, type Command, type CommandOutput, type ParsedCommand, parseLine } from './command.ts';

export interface PipedCommandsOptions<S> {
  readonly stub: S;
  readonly commands: readonly Command<S>[];
  /** Called for a failed command, with its line number, from 1. The next line waits until it resolves. */
  readonly onError: (line: number, command: string, error: unknown) => Promise<void>;
  /** Called with a progress message from time to time. */
  readonly onProgress: (text: string) => void;
}

/** The limits of commands without an answer, in number and in bytes: as much as a server accepts without waiting. */
const unansweredMax = 1_000;
const unansweredBytesMax = 8 * 1024 * 1024;

/** A line longer than this is not checked for being blank, in bytes. */
const blankBytesMax = 80;

const progressIntervalMs = 2_000;

/** A write shows nothing before its answer. */
const noOutput: CommandOutput = {
  show: async () => true,
  warn: async () => undefined,
  stop: new AbortController().signal,
};

/**
 * Sends many commands without waiting for their answers (--pipe). Their order is kept: the stubs send calls that
 * overlap in the order in which they are made. After a lost connection nothing more is sent, because the commands
 * without an answer may not have happened, and later ones must not overtake them.
 */
export class PipedCommands<S> {
  readonly #options: PipedCommandsOptions<S>;
  #unanswered = 0;
  #unansweredBytes = 0;
  #done = 0;
  #failed = 0;
  /** How many of those done found no such key, or a condition that was not met. */
  #noEffect = 0;
  #isLost = false;
  /** Resolved at the next answer. */
  #answered = Promise.withResolvers<void>();

  constructor(options: PipedCommandsOptions<S>) {
    this.#options = options;
  }

  /** Resolves when all are answered, with the number of commands done. */
  async run(lines: AsyncIterable<Buffer | TableError>): Promise<Answer> {
    const progress = setInterval(() => this.#options.onProgress(this.#text), progressIntervalMs);
    let number = 0;
    let notRun = 0;
    try {
      for await (const line of lines) {
        number += 1;
        if (isBlank(line)) continue;
        if (this.#isLost) notRun += 1;
        else await this.#start(line, number);
      }
      while (this.#unanswered > 0) await this.#answered.promise;
    } finally {
      clearInterval(progress);
    }
    const lost = notRun === 0 ? '' : `, ${notRun} not run after the connection was lost`;
    return {
      text: `${this.#text}${lost}`,
      json: { command: 'pipe', done: this.#done, noEffect: this.#noEffect, failed: this.#failed, notRun },
      isNo: this.#noEffect > 0,
    };
  }

  get #text(): string {
    const noEffect = this.#noEffect === 0 ? '' : ` (${this.#noEffect} without effect)`;
    return `${this.#done} done${noEffect}, ${this.#failed} failed`;
  }

  async #start(line: Buffer | TableError, number: number): Promise<void> {
    let parsed: ParsedCommand<S>;
    try {
      parsed = this.#parse(line);
    } catch (error) {
      await this.#fail(number, '', error);
      return;
    }
    while (this.#unanswered >= unansweredMax || this.#unansweredBytes >= unansweredBytesMax) {
      await this.#answered.promise;
    }
    if (this.#isLost) return this.#fail(number, parsed.command.name, notSent());
    this.#unanswered += 1;
    const bytes = parsed.args.data.length;
    this.#unansweredBytes += bytes;
    void this.#send(parsed, number).finally(() => {
      this.#unanswered -= 1;
      this.#unansweredBytes -= bytes;
      this.#answered.resolve();
      this.#answered = Promise.withResolvers();
    });
  }

  #parse(line: Buffer | TableError): ParsedCommand<S> {
    if (line instanceof TableError) throw line;
    const parsed = parseLine(this.#options.commands, line);
    if (parsed.command.isWrite) return parsed;
    const writes = this.#options.commands.filter(({ isWrite }) => isWrite).map(({ name }) => name);
    throw new UsageError(
      `--pipe takes ${[...new Set(writes)].join(', ')}: the answers of other commands would be lost`,
    );
  }

  async #send({ command, args }: ParsedCommand<S>, number: number): Promise<void> {
    try {
      const { isNo = false } = (await command.run(this.#options.stub, args, noOutput)) ?? {};
      this.#done += 1;
      if (isNo) this.#noEffect += 1;
    } catch (error) {
      if (error instanceof TableError && connectionLost(error)) this.#isLost = true;
      await this.#fail(number, command.name, error);
    }
  }

  async #fail(number: number, command: string, error: unknown): Promise<void> {
    this.#failed += 1;
    await this.#options.onError(number, command, error);
  }
}

function isBlank(line: Buffer | TableError): boolean {
  return line instanceof Buffer && line.length <= blankBytesMax && line.toString().trim() === '';
}

function notSent(): TableError {
  return new TableError('UNREACHABLE', 'the connection was lost before this command');
}
