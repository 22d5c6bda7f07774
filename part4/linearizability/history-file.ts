import { TableError } from '@tablelab/shared';
import { z } from 'zod';
import { historyToLines, isOperation } from './history-lines.ts';
import type { Operation } from './operation.ts';

/** A file of what clients saw and what happened to their chain meanwhile, for people who look for the cause of a wrong answer. */

/** The longest text of an event, in characters. */
const textMax = 1_000;
const serversMax = 100;

const at = z.number();
const eventSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('fault'), at, text: z.string().max(textMax) }),
  z.object({
    event: z.literal('view'),
    at,
    version: z.int(),
    /** Names, head first. */
    servers: z.array(z.string().max(textMax)).max(serversMax).readonly(),
  }),
]);

/** `fault`: one begins; `view`: a client has read a new view. `at` is in milliseconds, on the clock of the operations. */
export type HistoryEvent = Readonly<z.infer<typeof eventSchema>>;

export interface HistoryFile {
  readonly operations: Operation[];
  readonly events: HistoryEvent[];
}

/** One JSON object per line: first the operations, then the events. */
export function historyFileText(operations: readonly Operation[], events: readonly HistoryEvent[]): string {
  return `${historyToLines(operations)}${events.map((event) => `${JSON.stringify(event)}\n`).join('')}`;
}

/** @throws TableError BAD_REQUEST with the number of the first line that is neither an operation nor an event */
export function historyFileFrom(text: string): HistoryFile {
  const operations: Operation[] = [];
  const events: HistoryEvent[] = [];
  const lines = text.split('\n').filter((line) => line !== '');
  for (const [index, line] of lines.entries()) {
    const given = parsed(line);
    if (isOperation(given)) operations.push(given);
    else {
      const { data, error: cause } = eventSchema.safeParse(given);
      if (data === undefined)
        throw new TableError('BAD_REQUEST', `line ${index + 1} of the history is not an operation`, {
          cause,
        });
      events.push(data);
    }
  }
  return { operations, events };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
