/**
 * An answer that is not there yet, for the one who waits for it. It is what a promise is, but for the turns through the
 * queue of microtasks and the objects that these take: for an answer a hundred thousand times a second that counts.
 * Never rejected: a failure is an answer, too.
 */
export class Pending<T> implements PromiseLike<T> {
  #state: { readonly value: T } | undefined;
  #listener: ((value: T) => void) | undefined;

  /** The answer is there; later ones do not count. */
  settle(value: T): void {
    if (this.#state !== undefined) return;
    this.#state = { value };
    this.#listener?.(value);
  }

  /** Calls `listener` once the answer is there, which may be at once. There is one listener at most. */
  whenSettled(listener: (value: T) => void): void {
    if (this.#state !== undefined) listener(this.#state.value);
    else this.#listener = listener;
  }

  /** What `change` makes of the answer. Takes the place of the listener. */
  map<U>(change: (value: T) => U): Pending<U> {
    const changed = new Pending<U>();
    this.whenSettled((value) => changed.settle(change(value)));
    return changed;
  }

  /** For whoever awaits it all the same. Takes the place of the listener. */
  // biome-ignore lint/suspicious/noThenProperty: a promise, where one is wanted
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return new Promise<T>((resolve) => this.whenSettled(resolve)).then(onFulfilled, onRejected);
  }
}
