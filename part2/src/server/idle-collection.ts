import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How long there must be no connection, in milliseconds, so that a client that connects right after another need not wait. */
const idleMs = 250;

export interface IdleCollectionParts {
  /** Whether there is still no client that would have to wait, and little enough memory to examine. */
  readonly mayCollect: () => boolean;
  /** Collects all garbage and gives free memory back to the system. */
  readonly collect?: () => void;
}

/**
 * Gives memory back to the system once the last client has gone. V8 collects garbage only when it needs memory, and keeps as
 * much as it needed at its busiest. Without this idle collection, a server that has had ten thousand clients uses 45 to 70 MiB
 * more than at its start (bench/survive.ts), until it has work to do again.
 */
export class IdleCollection {
  readonly #mayCollect: () => boolean;
  readonly #collect: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor({ mayCollect, collect = collectAll }: IdleCollectionParts) {
    this.#mayCollect = mayCollect;
    this.#collect = collect;
  }

  /** The last client has gone. */
  begin(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#mayCollect()) this.#collect();
    }, idleMs);
    // The process must not wait for this timer before it ends.
    this.#timer.unref();
  }
}

/** Calls V8's `gc` without an option on the command line. `last-resort` also gives free pages back to the system. */
function collectAll(): void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as NodeJS.GCFunction;
  gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
