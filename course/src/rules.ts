import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourcesOf } from '@tablelab/shared/sources';

/** The anchors of the rules that a part's hand-out states, in their order. */
export function statedRules(root: string, part: number): string[] {
  const text = readFileSync(join(root, `part${part}/README.md`), 'utf8');
  return [...text.matchAll(/<a id="([^"]+)">/g)].map(([, anchor = '']) => anchor);
}

/** The rules of a part that a title or any other text cites. */
export function citedRules(text: string, part: number): string[] {
  const cited = text.matchAll(new RegExp(`part${part}/README\\.md#([a-z0-9-]+)`, 'g'));
  return [...new Set([...cited].map(([, anchor = '']) => anchor))];
}

/**
 * The rules of a part that a test file cites, also through the suites that it imports from the kit's test support: there, a
 * title may be put together from a text and an anchor.
 */
export function rulesOfTestFile(root: string, file: string, part: number): string[] {
  const stated = statedRules(root, part);
  const found = new Set<string>();
  for (const source of sourcesOf(root, file, isTestSupport)) {
    const text = readFileSync(join(root, source), 'utf8');
    for (const anchor of citedRules(text, part)) found.add(anchor);
    if (!text.includes(`part${part}/README.md#\${`)) continue;
    for (const anchor of stated) if (text.includes(`'${anchor}'`)) found.add(anchor);
  }
  return stated.filter((anchor) => found.has(anchor));
}

function isTestSupport(file: string): boolean {
  return /^part\d\/(test|testing)\//.test(file);
}
