import { setTimeout as wait } from 'node:timers/promises';
import {
  type Answer,
  type Command,
  type CommandOutput,
  keyText,
  valueJson,
  valueText,
} from '@tablelab/part2';
import { TableError } from '@tablelab/shared';
import { integerArgument } from '@tablelab/shared/command-line';
import type { ChainTable } from './chain-table.ts';

/** How often the tail is asked, in milliseconds. */
const intervalMs = 100;

const countMax = 1_000_000;

/**
 * The client program's `watch` (part4/README.md#operate-client): it shows the value of a key, and again whenever it has changed. It asks the tail
 * ten times a second, and keeps nothing but the last value: what a key has been between two questions is not seen. The time
 * is this machine's; a read does not say which write it shows.
 */
export const watchCommand: Command<Pick<ChainTable, 'get'>> = {
  name: 'watch',
  parameters: ['key', '[count]'],
  summary: 'show the value of the key now and whenever it changes, so many times or until Enter or Ctrl-C',
  async run(table, { words: [key = '', count] }, output) {
    const shownMax =
      count === undefined
        ? Number.POSITIVE_INFINITY
        : integerArgument('the count', count, { min: 1, max: countMax });
    const values = new ValueWatch(table, key, output);
    for (let shown = 0; shown < shownMax; shown += 1) {
      const answer = await values.next();
      if (answer === undefined || !(await output.show(answer))) break;
    }
    return undefined;
  },
};

class ValueWatch {
  readonly #table: Pick<ChainTable, 'get'>;
  readonly #key: string;
  readonly #output: CommandOutput;
  /** Undefined before the first answer. */
  #last: { readonly value: Uint8Array | undefined } | undefined;
  #isInTrouble = false;

  constructor(table: Pick<ChainTable, 'get'>, key: string, output: CommandOutput) {
    this.#table = table;
    this.#key = key;
    this.#output = output;
  }

  /** The first value, or the next that is another one; undefined when the user has had enough. */
  async next(): Promise<Answer | undefined> {
    for (;;) {
      if (this.#last !== undefined && !(await this.#pause())) return undefined;
      const answer = await this.#ask();
      if (answer !== undefined) return answer;
      if (this.#output.stop.aborted) return undefined;
    }
  }

  /** Whether the user still wants to see more. */
  async #pause(): Promise<boolean> {
    const { stop } = this.#output;
    await wait(intervalMs, undefined, { signal: stop }).catch(() => undefined);
    return !stop.aborted;
  }

  /**
   * What to show, if anything. While a chain changes its servers, the table itself asks again, until its deadline; that one passed
   * is said once, and no reason to stop.
   */
  async #ask(): Promise<Answer | undefined> {
    const { stop } = this.#output;
    let value: Uint8Array | undefined;
    try {
      value = await this.#table.get(this.#key, { signal: stop });
    } catch (error) {
      if (stop.aborted) return undefined;
      if (!(error instanceof TableError && error.code === 'TIMEOUT')) throw error;
      if (!this.#isInTrouble) await this.#output.warn(`${error.code}: ${error.message}; still watching`);
      this.#isInTrouble = true;
      return undefined;
    }
    this.#isInTrouble = false;
    const isSame = this.#last !== undefined && isEqual(this.#last.value, value);
    this.#last = { value };
    return isSame ? undefined : this.#answer(value);
  }

  #answer(value: Uint8Array | undefined): Answer {
    const at = new Date().toISOString();
    const key = this.#key;
    if (value === undefined)
      return { text: `${at} ${keyText(key)}: key not found`, json: { key, at, found: false } };
    return {
      text: `${at} ${keyText(key)}: ${valueText(value)}`,
      json: { key, at, found: true, ...valueJson(value) },
    };
  }
}

function isEqual(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one === undefined || other === undefined ? one === other : Buffer.compare(one, other) === 0;
}
