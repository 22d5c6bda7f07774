import { TableError } from '@tablelab/shared';
import type { Admission, Wait, Write } from './table-store.ts';

/** What all writes together that wait may hold, in bytes. */
const waitingBytesMax = 64 * 1024 * 1024;

interface WaitingWrite {
  readonly write: Write;
  readonly settle: (admission: Admission) => void;
}

/**
 * The writes that wait for room, first come, first served: one that has to wait holds back those behind it, so that many
 * small ones do not starve a large one. Each gets exactly one answer, by its deadline.
 */
export class WaitingWrites {
  readonly #admit: (write: Write) => Admission | Wait;
  readonly #waiting = new Set<WaitingWrite>();
  #bytes = 0;

  /** `admit` decides about a write, and gives it its number where there is room. */
  constructor(admit: (write: Write) => Admission | Wait) {
    this.#admit = admit;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Resolves once the write has been admitted or refused: with BUSY after `timeoutMs`, or when too much waits already. */
  add(write: Write, timeoutMs: number): Promise<Admission> {
    const bytes = write.key.length + write.data.length;
    if (this.#bytes + bytes > waitingBytesMax) {
      return Promise.resolve(busy('the server is full, and as many writes wait for room as can'));
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

  /** Decides about those that need not wait any longer: to be called when there may be room. */
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
