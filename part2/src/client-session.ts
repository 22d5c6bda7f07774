import { TableError } from '@tablelab/shared';

/**
 * The connection of a client program that outlives its server: a stub whose connection is lost is thrown away, and the
 * next command connects anew.
 */
export class ClientSession<S> {
  readonly #connect: () => Promise<S>;
  readonly #disconnect: (stub: S) => Promise<void>;
  #stub: S | undefined;
  #closed = false;

  constructor(connect: () => Promise<S>, disconnect: (stub: S) => Promise<void>) {
    this.#connect = connect;
    this.#disconnect = disconnect;
  }

  /**
   * Connects, unless it is connected.
   * @throws TableError UNREACHABLE after {@link close}, and whatever connecting throws
   */
  async open(): Promise<S> {
    if (this.#closed) throw new TableError('UNREACHABLE', 'the connection was closed');
    this.#stub ??= await this.#connect();
    return this.#stub;
  }

  /**
   * Runs `work` with a stub. A connection that broke while nobody used it (the server was restarted, or closed it for
   * having been idle) is renewed without a word: `work` is repeated where it definitely did not happen.
   */
  async use<T>(work: (stub: S) => Promise<T>): Promise<T> {
    const reused = this.#stub !== undefined;
    const stub = await this.open();
    try {
      return await work(stub);
    } catch (error) {
      if (!(error instanceof TableError) || !connectionLost(error)) throw error;
      await this.#drop();
      // After a timeout the time is up, whatever became of the work.
      if (reused && !error.mayHaveHappened && error.code !== 'TIMEOUT') return await this.use(work);
      throw error;
    }
  }

  /** Whether there is a connection, as far as is known. */
  get isOpen(): boolean {
    return this.#stub !== undefined;
  }

  /** Disconnects for good: nothing connects anew. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#drop();
  }

  async #drop(): Promise<void> {
    const stub = this.#stub;
    this.#stub = undefined;
    if (stub !== undefined) await this.#disconnect(stub);
  }
}

function connectionLost({ code }: TableError): boolean {
  return code === 'UNREACHABLE' || code === 'TIMEOUT' || code === 'SHUTTING_DOWN';
}
