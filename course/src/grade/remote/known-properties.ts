/**
 * The properties of objects in the student's process that have been read since the last call that may have changed them. The checks of a
 * simulator read the same ones many times after each event.
 */
export class KnownProperties {
  readonly #queries: ReadonlySet<string>;
  readonly #byObject = new WeakMap<object, Map<string, unknown>>();

  /** @param queries methods that change nothing */
  constructor(queries: readonly string[]) {
    this.#queries = new Set(queries);
  }

  /** A method of the object is called. */
  called(object: object, method: string): void {
    if (!this.#queries.has(method)) this.#byObject.delete(object);
  }

  /** An error is not kept: it is thrown each time. */
  get(object: object, name: string, read: () => unknown): unknown {
    const known = this.#byObject.get(object) ?? new Map<string, unknown>();
    if (!known.has(name)) {
      known.set(name, read());
      this.#byObject.set(object, known);
    }
    return known.get(name);
  }
}
