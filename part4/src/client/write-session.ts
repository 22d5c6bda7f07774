import type { WriteRequest } from '../core/update.ts';

/** Begins a session. One that is repeated may begin two, and the idle one is forgotten in time. */
export const openRequest: WriteRequest = {
  op: 'open',
  key: '',
  data: new Uint8Array(0),
  client: '',
  request: 0,
  firstIncomplete: 0,
};

/**
 * The client's side of a session (see core/sessions.ts): numbers for writes, from 1 up, no number twice.
 *
 * A number is complete once its call has its result, and also once the call has been given up: then an attempt may still
 * lie in a server's socket buffer. It can do no harm: if it is executed before the servers hear of a higher
 * `firstIncomplete`, that is once, as a write that its caller was told may have happened; afterwards they take it for one
 * that has been answered, and never execute it.
 */
export class WriteSession {
  /** What the servers call it. */
  readonly client: string;
  readonly #windowMax: number;
  #next = 1;
  /** In the order in which they were given, which is rising. */
  readonly #incomplete = new Set<number>();

  /** `windowMax`: how far the numbers under way may lie apart. */
  constructor(client: string, windowMax: number) {
    this.client = client;
    this.#windowMax = windowMax;
  }

  /** Never falls; what lies below is not repeated. */
  get firstIncomplete(): number {
    const [first = this.#next] = this.#incomplete;
    return first;
  }

  /**
   * Whether there may be another number. Numbers under way lie within the window, and outcomes that a server still keeps
   * lie within two (where a repeat came behind higher numbers): so it never has too many.
   */
  get hasRoom(): boolean {
    return this.#next < this.firstIncomplete + this.#windowMax;
  }

  take(): number {
    const request = this.#next;
    this.#next += 1;
    this.#incomplete.add(request);
    return request;
  }

  complete(request: number): void {
    this.#incomplete.delete(request);
  }
}
