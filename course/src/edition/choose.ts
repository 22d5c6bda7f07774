import { createHash } from 'node:crypto';
import type { EditionTable } from './table.ts';

/** What one edition changes. */
export interface Edition {
  readonly name: string;
  /** New names of identifiers, by the old ones. */
  readonly names: ReadonlyMap<string, string>;
  readonly prefixes: ReadonlyMap<string, string>;
  /** By operation, the one whose opcode it gets. */
  readonly opcodes: ReadonlyMap<string, string>;
  /** Numbers of the fields of `message_t`. */
  readonly fields: ReadonlyMap<string, number>;
  readonly byteOrder: 'big-endian' | 'little-endian';
  readonly finalRounds: number;
}

/** The edition of that name: each choice depends on the name and on what is chosen, and on nothing else. */
export function chooseEdition(name: string, table: EditionTable): Edition {
  const pick = <T>(what: string, items: readonly T[]): T => {
    const index = numberFrom(name, what) % items.length;
    return items[index] as T;
  };
  const renamed = (what: string, choices: Readonly<Record<string, readonly string[]>>) =>
    new Map(Object.entries(choices).map(([old, names]) => [old, pick(`${what} ${old}`, names)]));
  const shuffled = (what: string, items: readonly string[]) =>
    [...items].sort(
      (one, other) => numberFrom(name, `${what} ${one}`) - numberFrom(name, `${what} ${other}`),
    );
  return {
    name,
    names: renamed('name', table.names),
    prefixes: renamed('prefix', table.prefixes),
    opcodes: new Map(
      table.opcodes.flatMap((group) => {
        const order = shuffled('opcode', group);
        return group.map((operation, index): [string, string] => [operation, order[index] ?? operation]);
      }),
    ),
    fields: new Map(
      table.fields.flatMap(({ first, last, names }) => {
        const numbers = Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
        const chosen = shuffled('field', numbers)
          .slice(0, names.length)
          .map(Number)
          .sort((one, other) => one - other);
        return names.map((field, index): [string, number] => [field, chosen[index] ?? 0]);
      }),
    ),
    byteOrder: pick('byte order', table['byte-orders']),
    finalRounds: pick('rounds', table['final-rounds']),
  };
}

/** 48 bits that depend on both texts. */
function numberFrom(name: string, what: string): number {
  return createHash('sha256').update(`${name}\0${what}`).digest().readUIntBE(0, 6);
}
