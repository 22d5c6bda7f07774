/**
 * An outcome that is not there yet: what a promise is, without its microtasks and objects, which count where there are a
 * hundred thousand outcomes a second. It never rejects: a failure is an outcome, too.
 */
export class Deferred<T> implements PromiseLike<T> {
  #state: { readonly value: T } | undefined;
  #listener: ((value: T) => void) | undefined;

  /** What `promise` will resolve to; it must not reject. */
  static of<T>(promise: Promise<T>): Deferred<T> {
    const deferred = new Deferred<T>();
    void promise.then((value) => deferred.settle(value));
    return deferred;
  }

  /** The outcome is there; later ones do not count. */
  settle(value: T): void {
    if (this.#state !== undefined) return;
    this.#state = { value };
    this.#listener?.(value);
  }

  /** Calls `listener` once the outcome is there, which may be at once. There is at most one listener. */
  whenSettled(listener: (value: T) => void): void {
    if (this.#state !== undefined) listener(this.#state.value);
    else this.#listener = listener;
  }

  /** What `change` makes of the outcome. Takes the place of the listener. */
  map<U>(change: (value: T) => U): Deferred<U> {
    const changed = new Deferred<U>();
    this.whenSettled((value) => changed.settle(change(value)));
    return changed;
  }

  /** For code that awaits it all the same. Takes the place of the listener. */
  // biome-ignore lint/suspicious/noThenProperty: a promise, where one is wanted
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return new Promise<T>((resolve) => this.whenSettled(resolve)).then(onFulfilled, onRejected);
  }
}
