import { errorName, Opcode, type Reply } from '@tablelab/part2';

/** Counts the replies that are errors, by code. */
export class RefusalCounts {
  readonly #counts = new Map<string, number>();

  add({ opcode, error = 0 }: Reply): void {
    if (opcode !== Opcode.OP_ERROR) return;
    const code = errorName(error) ?? 'INTERNAL';
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
  }

  [Symbol.iterator](): Iterator<[code: string, count: number]> {
    return this.#counts.entries();
  }
}
