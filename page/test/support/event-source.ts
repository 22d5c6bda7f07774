import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { withDeadline } from '@tablelab/shared/testing';
import type { Test } from 'tap';
import type { LiveMessage } from '../../src/dashboard/live-messages.ts';

const messageDeadlineMs = 25_000;

/** What a page gets, as a program reads it. */
export class EventReader {
  readonly #response: IncomingMessage;
  readonly #messages: LiveMessage[] = [];
  #text = '';

  static async open(t: Test, origin: string): Promise<EventReader> {
    const request = get(`${origin}/api/live`);
    t.teardown(() => request.destroy());
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return new EventReader(response.setEncoding('utf8'));
  }

  private constructor(response: IncomingMessage) {
    this.#response = response;
    response.on('error', () => undefined);
    response.on('data', (chunk: string) => {
      this.#text += chunk;
      const events = this.#text.split('\n\n');
      this.#text = events.pop() ?? '';
      for (const event of events) {
        if (event.startsWith('data: ')) this.#messages.push(JSON.parse(event.slice(6)) as LiveMessage);
      }
    });
  }

  /** The next message for which `isWanted` holds; the ones before it are dropped. */
  async until(isWanted: (message: LiveMessage) => boolean, what: string): Promise<LiveMessage> {
    const search = async () => {
      for (;;) {
        const message = this.#messages.shift();
        if (message === undefined) await once(this.#response, 'data');
        else if (isWanted(message)) return message;
      }
    };
    return await withDeadline(search(), messageDeadlineMs, what);
  }
}
