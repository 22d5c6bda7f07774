/**
 * Lets a limited number of calls be under way at once; the others wait, in the order in which they came. So the time a
 * call takes is the server's time, and not that of ten thousand calls before it.
 */
export class InFlightWindow {
  readonly #callsMax: number;
  /** The oldest first. */
  readonly #waiting = new Set<() => void>();
  #underWay = 0;

  constructor(callsMax: number) {
    this.#callsMax = callsMax;
  }

  /** Resolves to true when the caller may begin, and must {@link leave} in the end; to false after `timeoutMs`. */
  enter(timeoutMs: number): Promise<boolean> {
    if (this.#underWay < this.#callsMax) {
      this.#underWay += 1;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const begin = () => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(begin);
        resolve(false);
      }, timeoutMs);
      this.#waiting.add(begin);
    });
  }

  /** The place goes to whoever has waited longest. */
  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#underWay -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
