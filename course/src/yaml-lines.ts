import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TableError } from '@tablelab/shared';
import {
  type Document,
  isMap,
  isNode,
  isSeq,
  LineCounter,
  parseDocument,
  type Range,
  type Scalar,
} from 'yaml';
import type { z } from 'zod';

export type YamlPath = readonly (string | number)[];

/** A YAML document in which errors can be reported with their line. */
export interface YamlWithLines {
  readonly document: Document.Parsed;
  /** The line of an offset, from 1. */
  lineAt(offset: number): number;
  /** The line of the key or item at a path, or of the nearest one around it. */
  lineOf(path: YamlPath): number;
}

export function parseYaml(text: string): YamlWithLines {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const lineOf = (path: YamlPath) => {
    for (let length = path.length; length > 0; length -= 1) {
      const range = rangeIn(document.getIn(path.slice(0, length - 1), true), path[length - 1]);
      if (range) return lineAt(range[0]);
    }
    return 1;
  };
  return { document, lineAt, lineOf };
}

/**
 * The contents of a YAML file of the kit, in a given shape.
 * @throws TableError BAD_REQUEST with the line of the first error
 */
export function loadYaml<Shape extends z.ZodType>(root: string, file: string, shape: Shape): z.infer<Shape> {
  const { document, lineOf } = parseYaml(readFileSync(join(root, file), 'utf8'));
  const [syntax] = document.errors;
  if (syntax !== undefined) throw new TableError('BAD_REQUEST', `${file}: ${syntax.message}`);
  const parsed = shape.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.filter((key) => typeof key !== 'symbol') ?? [];
  throw new TableError('BAD_REQUEST', `${file}:${lineOf(path)}: ${path.join('.')}: ${issue?.message}`);
}

/** Where a key of a mapping, or an item of a list, begins. */
function rangeIn(parent: unknown, key: string | number | undefined): Range | null | undefined {
  if (isMap<Scalar>(parent)) return parent.items.find((pair) => pair.key.value === key)?.key.range;
  if (!isSeq(parent) || typeof key !== 'number') return undefined;
  const item = parent.items[key];
  return isNode(item) ? item.range : undefined;
}
