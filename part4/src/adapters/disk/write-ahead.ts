import { assert, must } from '@tablelab/shared';
import type { Journal } from './journal.ts';
import type { JournalBlock } from './journal-block.ts';

interface Waiting {
  /** The journal must have kept this many blocks. */
  readonly after: number;
  readonly run: () => void;
  /** Whether this is work on the table, which a new state cancels. */
  readonly isWork: boolean;
}

/**
 * What a server does only when something is on its disk, in order. A server without a disk does everything at once.
 *
 * Invariant: nothing is executed on the table that is not kept. So what the table shows, what is passed on and what is
 * answered is on this server's disk.
 */
export class WriteAhead {
  readonly #journal: Journal | undefined;
  #waiting: Waiting[] = [];
  #kept = 0;
  #isClosed = false;

  constructor(journal: Journal | undefined) {
    this.#journal = journal;
  }

  get isDurable(): boolean {
    return this.#journal !== undefined;
  }

  /** Runs `run`, which is work on the table, once the block is kept. */
  work(block: JournalBlock, run: () => void): void {
    if (this.#journal === undefined) run();
    else this.#waiting.push({ after: this.#journal.add(block), run, isWork: true });
  }

  /** Adds a block that begins a new state: work that waits belongs to the old one. */
  begin(block: () => JournalBlock): void {
    this.#journal?.add(block());
    this.#waiting = this.#waiting.filter(({ isWork }) => !isWork);
  }

  /** Runs `run` once `block` is kept, and everything before it. */
  keep(block: JournalBlock, run: () => void): void {
    assert(this.#journal !== undefined, 'only a server with a disk keeps anything');
    this.#waiting.push({ after: this.#journal.add(block), run, isWork: false });
  }

  /** Runs `run` once everything is kept that was added before. */
  settled(run: () => void): void {
    const after = this.#journal?.added ?? 0;
    if (after <= this.#kept) run();
    else this.#waiting.push({ after, run, isWork: false });
  }

  /** The journal has kept this many blocks. */
  onKept(blocks: number): void {
    this.#kept = blocks;
    while (!this.#isClosed && (this.#waiting[0]?.after ?? Number.POSITIVE_INFINITY) <= blocks) {
      must(this.#waiting.shift(), 'there is one').run();
    }
  }

  /** Runs nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
  }
}
