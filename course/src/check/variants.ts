import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TableError } from '@tablelab/shared';
import { z } from 'zod';
import { parseYaml } from '../yaml-lines.ts';
import type { Edit } from './edit.ts';

/** A solution that differs from the reference: a mistake that people make, or another right way. */
export interface Variant {
  readonly name: string;
  readonly part: number;
  readonly kind: 'wrong' | 'right';
  /** What is different: for a wrong solution the mistake, in the words of a hand-out's "Common mistakes". */
  readonly text: string;
  /** The anchor of the rule whose tests must fail; undefined for a right solution. */
  readonly rule: string | undefined;
  readonly edits: readonly Edit[];
}

const name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'a name is lower-case words, joined by hyphens');
const place = { file: z.string(), in: z.string() };
const edit = z.union([
  z.strictObject({ ...place, replace: z.string(), by: z.string() }),
  z.strictObject({ ...place, body: z.string() }),
]);
const edits = z.array(edit).min(1);
const wrong = z.array(z.strictObject({ name, mistake: z.string(), rule: name, edits }));
const right = z.array(z.strictObject({ name, differs: z.string(), edits }));

/**
 * The wrong and right solutions of `course/wrong/*.yaml` and `course/right/*.yaml`, one file a part.
 * @throws TableError BAD_REQUEST with the file and line of the first error
 */
export function loadVariants(folder: string): Variant[] {
  const variants = (['wrong', 'right'] as const).flatMap((kind) =>
    readdirSync(join(folder, kind))
      .filter((file) => file.endsWith('.yaml'))
      .sort()
      .flatMap((file) => variantsOf(kind, join(folder, kind, file))),
  );
  const names = new Set<string>();
  for (const { name } of variants) {
    if (names.has(name)) throw new TableError('BAD_REQUEST', `two solutions are called ${name}`);
    names.add(name);
  }
  return variants;
}

function variantsOf(kind: Variant['kind'], file: string): Variant[] {
  const part = Number(/part([1-4])\.yaml$/.exec(file)?.[1]);
  if (!Number.isInteger(part)) throw new TableError('BAD_REQUEST', `${file} is not called partN.yaml`);
  const { document, lineOf } = parseYaml(readFileSync(file, 'utf8'));
  const [syntax] = document.errors;
  if (syntax !== undefined) throw new TableError('BAD_REQUEST', `${file}: ${syntax.message}`);
  const parsed = (kind === 'wrong' ? wrong : right).safeParse(document.toJS());
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path.filter((key) => typeof key !== 'symbol') ?? [];
    throw new TableError('BAD_REQUEST', `${file}:${lineOf(path)}: ${path.join('.')}: ${issue?.message}`);
  }
  return parsed.data.map((entry) => ({
    name: entry.name,
    part,
    kind,
    text: 'mistake' in entry ? entry.mistake : entry.differs,
    rule: 'rule' in entry ? entry.rule : undefined,
    edits: entry.edits,
  }));
}
