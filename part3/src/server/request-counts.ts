import { type Message, operationWithOpcode } from '@tablelab/part2';

/** Counts requests by operation. Unknown opcodes count together, so that clients cannot add names. */
export class RequestCounts {
  readonly #counts = new Map<string, number>();

  add({ opcode }: Pick<Message, 'opcode'>): void {
    const name = operationWithOpcode(opcode)?.name ?? 'unknown';
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** By the opcode's name: OP_PUT and its like. */
  *[Symbol.iterator](): Generator<[opcode: string, count: number]> {
    for (const [name, count] of this.#counts)
      yield [name === 'unknown' ? name : `OP_${name.toUpperCase()}`, count];
  }
}
