import MagicString from 'magic-string';
import { deadCode } from './dead-code.ts';
import { citedRules } from './rules.ts';
import { fieldOf, nodesOf, parseSource, type SyntaxNode, walk } from './syntax.ts';

/**
 * A test file without the tests that name only hidden rules, and without what only they used: statements like
 * `t.test('title (part1/README.md#rule)', ...)`, and `rule('title', 'rule', ...)` in a suite.
 */
export function withholdTests(
  file: string,
  source: string,
  part: number,
  hidden: ReadonlySet<string>,
): string {
  const tree = parseSource(file, source);
  const gone: SyntaxNode[] = [];
  for (const statement of tree.statements) {
    walk(statement, (node) => {
      if (!isHiddenTest(node, source, part, hidden)) return true;
      gone.push(node);
      return false;
    });
  }
  if (gone.length === 0) return source;
  const text = new MagicString(source);
  const { removed, replaced } = deadCode(source, tree, gone);
  for (const { start, end } of [...gone, ...removed]) text.remove(start, end);
  for (const { start, end, replacement } of replaced) text.overwrite(start, end, replacement);
  return text.toString();
}

function isHiddenTest(node: SyntaxNode, source: string, part: number, hidden: ReadonlySet<string>): boolean {
  const call = node.type === 'ExpressionStatement' ? fieldOf(node, 'expression') : undefined;
  if (call?.type !== 'CallExpression') return false;
  const callee = fieldOf(call, 'callee');
  const name = callee === undefined ? '' : source.slice(callee.start, callee.end);
  const texts = nodesOf(call, 'arguments')
    .filter(({ type }) => type === 'Literal' || type === 'TemplateLiteral')
    .map(({ start, end }) => source.slice(start, end));
  const rules =
    name === 'rule' ? texts.slice(1, 2).map((text) => text.slice(1, -1)) : citedRules(texts.join(), part);
  return rules.length > 0 && rules.every((rule) => hidden.has(rule));
}
