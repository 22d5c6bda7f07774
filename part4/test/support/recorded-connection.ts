import type { AcceptedConnection, Connection } from '../../src/ports.ts';

/** A connection from another server that notes what is done with it, and on which nothing arrives. */
export class RecordedConnection implements AcceptedConnection, Connection {
  #isGone = false;

  /** Whether this side has closed it. */
  get isGone(): boolean {
    return this.#isGone;
  }

  listen(): Connection {
    return this;
  }

  write(): void {}

  end(): void {
    this.#isGone = true;
  }

  destroy(): void {
    this.#isGone = true;
  }
}
