import { TableError } from '@tablelab/shared';
import type { Admission, Wait, Write } from './table-store.ts';

/** The size limit of all waiting writes, in bytes. */
const waitingBytesMax = 64 * 1024 * 1024;

interface WaitingWrite {
  readonly write: Write;
  readonly settle: (admission: Admission) => void;
}

/**
 * The writes that wait for room, in FIFO order: a waiting write holds back later ones, so that many small writes do not
 * starve a large one. Each gets exactly one answer, by its deadline.
 */
export class WaitingWrites {
  readonly #admit: (write: Write) => Admission | Wait;
  readonly #waiting = new Set<WaitingWrite>();
  #bytes = 0;

  /** `admit` decides about a write, and numbers it if there is room. */
  constructor(admit: (write: Write) => Admission | Wait) {
    this.#admit = admit;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /**
   * Resolves once the write has been admitted or refused; with BUSY after `timeoutMs`, or if too much is waiting
   * already.
   */
  add(write: Write, timeoutMs: number): Promise<Admission> {
    const bytes = write.key.length + write.data.length + (write.expected?.length ?? 0);
    if (this.#bytes + bytes > waitingBytesMax) {
      return Promise.resolve(busy('the server is full, and the queue of waiting writes is full, too'));
    }
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => waiting.settle(busy(`the server had no room for this write for ${timeoutMs} ms`)),
        timeoutMs,
      );
      const waiting: WaitingWrite = {
        write,
        settle: (admission) => {
          clearTimeout(timer);
          this.#waiting.delete(waiting);
          this.#bytes -= bytes;
          resolve(admission);
        },
      };
      this.#waiting.add(waiting);
      this.#bytes += bytes;
    });
  }

  /** Decides about writes that need not wait any longer. Call this when there may be room. */
  admit(): void {
    for (const { write, settle } of this.#waiting) {
      const admission = this.#admit(write);
      if (admission.type === 'wait') return;
      settle(admission);
    }
  }
}

function busy(detail: string): Admission {
  return { type: 'refused', error: new TableError('BUSY', detail) };
}
