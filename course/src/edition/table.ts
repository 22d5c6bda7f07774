import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TableError } from '@tablelab/shared';
import { z } from 'zod';
import { parseYaml } from '../yaml-lines.ts';

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
  const file = 'course/editions.yaml';
  const { document, lineOf } = parseYaml(readFileSync(join(root, file), 'utf8'));
  const [syntax] = document.errors;
  if (syntax !== undefined) throw new TableError('BAD_REQUEST', `${file}: ${syntax.message}`);
  const parsed = shape.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.filter((key) => typeof key !== 'symbol') ?? [];
  throw new TableError('BAD_REQUEST', `${file}:${lineOf(path)}: ${path.join('.')}: ${issue?.message}`);
}
