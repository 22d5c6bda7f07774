import { watch } from 'node:fs';
import type { ServerResponse } from 'node:http';

/** An editor writes a file in several steps. */
const settleMs = 100;
/** Pages that are told of changes at one time. */
const pagesMax = 50;

/** Tells pages, by server-sent events, that a file in a folder has changed. */
export class Changes {
  readonly #watcher: ReturnType<typeof watch>;
  readonly #pages = new Set<ServerResponse>();
  #settling: ReturnType<typeof setTimeout> | undefined;

  /** @throws Error if the folder cannot be watched */
  constructor(folder: string) {
    this.#watcher = watch(folder, { recursive: true, persistent: false }, (_, name) => {
      if (name !== null && !name.endsWith('.ts')) return;
      clearTimeout(this.#settling);
      this.#settling = setTimeout(() => this.#tell(), settleMs).unref();
    });
    // The folder is gone: nothing in it changes any more.
    this.#watcher.on('error', () => this.#watcher.close());
  }

  /** Answers with a stream of events, which ends when the page goes. Returns false if there are too many pages. */
  follow(response: ServerResponse): boolean {
    if (this.#pages.size >= pagesMax) return false;
    this.#pages.add(response);
    response.once('close', () => this.#pages.delete(response)).once('error', () => response.destroy());
    // So that the page knows that it will be told.
    response.write(': watching\n\n');
    return true;
  }

  close(): void {
    clearTimeout(this.#settling);
    this.#watcher.close();
    for (const page of this.#pages) page.destroy();
  }

  #tell(): void {
    for (const page of this.#pages) page.write('event: changed\ndata:\n\n');
  }
}
