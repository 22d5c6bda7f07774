import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TableError } from '@tablelab/shared';
import { z } from 'zod';
import { parseYaml } from '../yaml-lines.ts';

const files = z.array(z.string()).min(1);
const shape = z.strictObject({
  'score-min': z.number().min(0).max(100),
  parts: z.record(z.string(), z.array(z.strictObject({ mutate: files, tests: files }))),
  equivalent: z.array(
    z.strictObject({ file: z.string(), line: z.string(), by: z.string(), reason: z.string() }),
  ),
});

/** What is mutated, see `course/mutation.yaml`. */
export type MutationSettings = z.infer<typeof shape>;

/** @throws TableError BAD_REQUEST with the line of the first error */
export function loadMutationSettings(root: string): MutationSettings {
  const file = 'course/mutation.yaml';
  const { document, lineOf } = parseYaml(readFileSync(join(root, file), 'utf8'));
  const [syntax] = document.errors;
  if (syntax !== undefined) throw new TableError('BAD_REQUEST', `${file}: ${syntax.message}`);
  const parsed = shape.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.filter((key) => typeof key !== 'symbol') ?? [];
  throw new TableError('BAD_REQUEST', `${file}:${lineOf(path)}: ${path.join('.')}: ${issue?.message}`);
}
