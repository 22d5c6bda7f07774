import { errorText, TableError } from '@tablelab/shared';
import { withDeadline } from '@tablelab/shared/process';
import { z } from 'zod';

/** What `npm start` does to its chain when the page asks. `add` names no server. */
export const controlSchema = z.discriminatedUnion('do', [
  z.object({ do: z.enum(['kill', 'pause', 'resume', 'stop']), address: z.string() }),
  z.object({ do: z.literal('add') }),
]);

type Control = z.infer<typeof controlSchema>;

const replySchema = z.object({ id: z.int(), text: z.string().optional(), error: z.string().optional() });

/** A server may have a table to copy before it is in the chain, in milliseconds. */
const controlTimeoutMs = 35_000;

/** The channel to the program that has started this one. */
type Channel = Pick<NodeJS.Process, 'on' | 'send'>;

/** Asks `npm start`, which owns the servers' processes, over the channel between both. */
export class Controls {
  readonly #channel: Channel;
  readonly #waiting = new Map<number, PromiseWithResolvers<string>>();
  #last = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
    channel.on('message', (line) => this.#take(String(line)));
  }

  /** @throws TableError with the reason, or TIMEOUT */
  async ask(control: Control): Promise<string> {
    this.#last += 1;
    const id = this.#last;
    const reply = Promise.withResolvers<string>();
    this.#waiting.set(id, reply);
    try {
      this.#channel.send?.(JSON.stringify({ id, ...control }));
      return await withDeadline(reply.promise, controlTimeoutMs, 'the answer of npm start');
    } finally {
      this.#waiting.delete(id);
    }
  }

  #take(line: string): void {
    try {
      const { id, text = '', error } = replySchema.parse(JSON.parse(line));
      const waiting = this.#waiting.get(id);
      if (error === undefined) waiting?.resolve(text);
      else waiting?.reject(new TableError('BAD_REQUEST', error));
    } catch (error) {
      process.stderr.write(`table-dashboard: npm start says ${line}: ${errorText(error)}\n`);
    }
  }
}
