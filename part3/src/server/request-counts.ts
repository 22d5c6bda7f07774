import { type Message, Opcode } from '@tablelab/part2';

const namesByOpcode = new Map<number, string>(Object.entries(Opcode).map(([name, opcode]) => [opcode, name]));

/** How many requests there were of each opcode; those with unknown ones count together, so that no client adds more. */
export class RequestCounts {
  readonly #counts = new Map<string, number>();

  add({ opcode }: Pick<Message, 'opcode'>): void {
    const name = namesByOpcode.get(opcode) ?? 'unknown';
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  [Symbol.iterator](): Iterator<[opcode: string, count: number]> {
    return this.#counts.entries();
  }
}
