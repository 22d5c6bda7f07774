import { TableError } from '@tablelab/shared';

/**
 * The connection of a client program that outlives its server: a stub whose connection is lost is thrown away, and the
 * next command connects anew. Invariant: there is one stub at most, or one on its way, and all callers share it.
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
    // Whoever waits for a connection sees the rejection; there may be nobody.
    this.#end.promise.catch(() => undefined);
  }

  /**
   * Connects, unless it is connected.
   * @throws TableError UNREACHABLE after {@link close}, and whatever connecting throws
   */
  async open(): Promise<S> {
    if (this.#closed) throw closedError();
    if (this.#stub !== undefined) return this.#stub;
    this.#connecting ??= this.#connectAnew();
    return await Promise.race([this.#connecting, this.#end.promise]);
  }

  /**
   * Runs `work` with a stub. A connection that broke while nobody used it (the server was restarted, or closed it for
   * having been idle) is renewed without a word: `work` is repeated, once, where it definitely did not happen.
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

  /** Whether there is a connection, as far as is known. */
  get isOpen(): boolean {
    return this.#stub !== undefined;
  }

  /** Disconnects for good: nothing connects anew, and who waits for a connection gets UNREACHABLE. */
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

  /** Of several that lose the same stub, the first throws it away. */
  async #drop(stub: S): Promise<void> {
    if (this.#stub !== stub) return;
    this.#stub = undefined;
    await this.#disconnect(stub);
  }
}

function closedError(): TableError {
  return new TableError('UNREACHABLE', 'the connection was closed');
}

function connectionLost({ code }: TableError): boolean {
  return code === 'UNREACHABLE' || code === 'TIMEOUT' || code === 'SHUTTING_DOWN';
}

/** After a timeout the time is up, whatever became of the work. */
function definitelyNotSent(error: unknown): boolean {
  return (
    error instanceof TableError && connectionLost(error) && error.code !== 'TIMEOUT' && !error.mayHaveHappened
  );
}
