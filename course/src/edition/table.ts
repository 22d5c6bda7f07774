import { z } from 'zod';
import { loadYaml } from '../yaml-lines.ts';

const names = z.array(z.string().regex(/^[A-Za-z]\w*$/)).min(1);
const number = z.number().int().positive();
const shape = z.strictObject({
  names: z.record(z.string(), names),
  prefixes: z.record(z.string(), names),
  opcodes: z.array(names),
  fields: z.array(z.strictObject({ first: number, last: number, names })),
  'byte-orders': z.array(z.enum(['big-endian', 'little-endian'])).min(1),
  'final-rounds': z.array(number).min(1),
});

/** What may differ between editions, see `course/editions.yaml`. */
export type EditionTable = z.infer<typeof shape>;

/** @throws TableError BAD_REQUEST with the line of the first error */
export function loadEditionTable(root: string): EditionTable {
  return loadYaml(root, 'course/editions.yaml', shape);
}
