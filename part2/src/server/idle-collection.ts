import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Nobody has been connected for this long, in milliseconds: whoever comes right after another is not kept waiting. */
const idleMs = 250;

export interface IdleCollectionParts {
  /** Whether there is still nobody who would have to wait, and little enough to look through. */
  readonly mayCollect: () => boolean;
  /** Gives back all memory that nobody needs. */
  readonly collect?: () => void;
}

/**
 * Gives memory back to the system once the last client has gone. V8 collects garbage only when it needs memory, and
 * keeps what it needed at its busiest: a server that has had ten thousand clients and has none would hold 50 to 100 MiB
 * more than before, until somebody works with it again.
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
    // A server that is told to end does not wait for this.
    this.#timer.unref();
  }
}

/** V8's `gc`, which takes no option on the command line this way. `last-resort`: pages that are free go back, too. */
function collectAll(): void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as NodeJS.GCFunction;
  gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
