/**
 * A future outcome: like a promise, but without its microtasks and objects, which matter at a hundred thousand outcomes
 * a second. It never rejects: a failure is also an outcome.
 */
export class Deferred<T> implements PromiseLike<T> {
  /** What the outcome will hold, in bytes, as far as that is known. */
  readonly expectedBytes: number;
  #state: { readonly value: T } | undefined;
  #listener: ((value: T) => void) | undefined;

  constructor({ expectedBytes = 0 }: { expectedBytes?: number } = {}) {
    this.expectedBytes = expectedBytes;
  }

  /** The outcome of `promise`, which must not reject. */
  static of<T>(promise: Promise<T>): Deferred<T> {
    const deferred = new Deferred<T>();
    void promise.then((value) => deferred.settle(value));
    return deferred;
  }

  /** Sets the outcome; later calls have no effect. */
  settle(value: T): void {
    if (this.#state !== undefined) return;
    this.#state = { value };
    this.#listener?.(value);
  }

  /** Calls `listener` once the outcome is known, possibly at once. There is at most one listener. */
  whenSettled(listener: (value: T) => void): void {
    if (this.#state !== undefined) listener(this.#state.value);
    else this.#listener = listener;
  }

  /** The outcome, converted by `change`. Uses the listener. */
  map<U>(change: (value: T) => U): Deferred<U> {
    const changed = new Deferred<U>();
    this.whenSettled((value) => changed.settle(change(value)));
    return changed;
  }

  /** Allows `await`. Uses the listener. */
  // biome-ignore lint/suspicious/noThenProperty: a promise, where one is wanted
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return new Promise<T>((resolve) => this.whenSettled(resolve)).then(onFulfilled, onRejected);
  }
}
