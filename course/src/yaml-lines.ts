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

/** Where a key of a mapping, or an item of a list, begins. */
function rangeIn(parent: unknown, key: string | number | undefined): Range | null | undefined {
  if (isMap<Scalar>(parent)) return parent.items.find((pair) => pair.key.value === key)?.key.range;
  if (!isSeq(parent) || typeof key !== 'number') return undefined;
  const item = parent.items[key];
  return isNode(item) ? item.range : undefined;
}
