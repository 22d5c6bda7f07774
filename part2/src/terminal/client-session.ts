import { TableError } from '@tablelab/shared';

/**
 * The connection of a client program, which may outlive its server. A stub that has lost its connection is dropped, and the
 * next command connects again. Invariant: there is at most one stub, or one that is being connected, and all callers share it.
 */
export class ClientSession<S> {
  readonly #connect: () => Promise<S>;
  readonly #disconnect: (stub: S) => Promise<void>;
  readonly #end = Promise.withResolvers<never>();
  #stub: S | undefined;
  #connecting: Promise<S> | undefined;
  #closed = false;

  constructor(connect: () => Promise<S>, disconnect: (stub: S) => Promise<void>) {
    this.#connect = connect;
    this.#disconnect = disconnect;
    // Callers that wait for a connection handle the rejection. There may be none.
    this.#end.promise.catch(() => undefined);
  }

  /**
   * Connects, unless there is a connection already.
   * @throws TableError UNREACHABLE after {@link close}; what connecting throws
   */
  async open(): Promise<S> {
    if (this.#closed) throw closedError();
    if (this.#stub !== undefined) return this.#stub;
    this.#connecting ??= this.#connectAnew();
    return await Promise.race([this.#connecting, this.#end.promise]);
  }

  /**
   * Runs `work` with a stub. If the connection broke while it was not in use (the server was restarted, or closed it for being
   * idle), this connects again and repeats `work` once, provided that it certainly did not happen.
   */
  async use<T>(work: (stub: S) => Promise<T>): Promise<T> {
    const reused = this.#stub !== undefined;
    try {
      return await this.#run(work);
    } catch (error) {
      if (!reused || !definitelyNotSent(error)) throw error;
    }
    return await this.#run(work);
  }

  /** Whether there is a connection, as far as is known here. */
  get isOpen(): boolean {
    return this.#stub !== undefined;
  }

  /** Disconnects for good: there are no more connections, and callers that wait for one get UNREACHABLE. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#end.reject(closedError());
    if (this.#stub !== undefined) await this.#drop(this.#stub);
  }

  async #run<T>(work: (stub: S) => Promise<T>): Promise<T> {
    const stub = await this.open();
    try {
      return await work(stub);
    } catch (error) {
      if (error instanceof TableError && connectionLost(error)) await this.#drop(stub);
      throw error;
    }
  }

  async #connectAnew(): Promise<S> {
    try {
      const stub = await this.#connect();
      if (this.#closed) {
        await this.#disconnect(stub);
        throw closedError();
      }
      this.#stub = stub;
      return stub;
    } finally {
      this.#connecting = undefined;
    }
  }

  /** If several callers lose the same stub, the first of them drops it. */
  async #drop(stub: S): Promise<void> {
    if (this.#stub !== stub) return;
    this.#stub = undefined;
    await this.#disconnect(stub);
  }
}

function closedError(): TableError {
  return new TableError('UNREACHABLE', 'the connection was closed');
}

/** Whether a connection that gave this error is of no use any more. */
export function connectionLost({ code }: TableError): boolean {
  return code === 'UNREACHABLE' || code === 'TIMEOUT' || code === 'SHUTTING_DOWN';
}

/** A timeout is not repeated: the time is up, whether or not the request was sent. */
function definitelyNotSent(error: unknown): boolean {
  return (
    error instanceof TableError && connectionLost(error) && error.code !== 'TIMEOUT' && !error.mayHaveHappened
  );
}
