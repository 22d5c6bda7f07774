import { watch } from 'node:fs';
import type { ServerResponse } from 'node:http';

/** An editor writes a file in several steps. */
const settleMs = 100;
/** Pages that are told of changes at one time. */
const pagesMax = 50;

/** Tells pages, by server-sent events, which version of the files in a folder there is: first, and whenever one has changed. */
export class Changes {
  readonly #watcher: ReturnType<typeof watch>;
  readonly #pages = new Set<ServerResponse>();
  #settling: ReturnType<typeof setTimeout> | undefined;
  /** Differs from those of a server that has run before. */
  #version = Date.now();

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
    response.write(this.#event());
    return true;
  }

  close(): void {
    clearTimeout(this.#settling);
    this.#watcher.close();
    for (const page of this.#pages) page.destroy();
  }

  #tell(): void {
    this.#version += 1;
    for (const page of this.#pages) page.write(this.#event());
  }

  #event(): string {
    return `event: version\ndata: ${this.#version}\n\n`;
  }
}
