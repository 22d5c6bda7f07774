import { UsageError } from '@tablelab/shared/command-line';
import MagicString from 'magic-string';
import { deadCode } from './dead-code.ts';
import { citedRules } from './rules.ts';
import { fieldOf, nodesOf, parseSource, type SyntaxNode, type SyntaxTree, walk } from './syntax.ts';

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
  checkSuite(file, tree, source, gone);
  const text = new MagicString(source);
  const { removed, replaced } = deadCode(source, tree, gone);
  for (const { start, end } of [...gone, ...removed]) text.remove(start, end);
  for (const { start, end, replacement } of replaced) text.overwrite(start, end, replacement);
  return text.toString();
}

/** A suite is a function that other test files call, and could not do without. */
function checkSuite(file: string, tree: SyntaxTree, source: string, gone: readonly SyntaxNode[]): void {
  let tests = 0;
  for (const statement of tree.statements) {
    walk(statement, (node) => {
      if (calleeOf(node, source) === 'rule') tests += 1;
      return true;
    });
  }
  if (tests > 0 && gone.filter((node) => calleeOf(node, source) === 'rule').length === tests) {
    const text = 'all tests of this suite would be hidden: leave one of its rules visible (show-rules)';
    throw new UsageError(`${file}: ${text}`);
  }
}

/** What an expression statement calls; empty if it is something else. */
function calleeOf(node: SyntaxNode, source: string): string {
  const call = node.type === 'ExpressionStatement' ? fieldOf(node, 'expression') : undefined;
  const callee = call?.type === 'CallExpression' ? fieldOf(call, 'callee') : undefined;
  return callee === undefined ? '' : source.slice(callee.start, callee.end);
}

function isHiddenTest(node: SyntaxNode, source: string, part: number, hidden: ReadonlySet<string>): boolean {
  const call = node.type === 'ExpressionStatement' ? fieldOf(node, 'expression') : undefined;
  if (call?.type !== 'CallExpression') return false;
  const name = calleeOf(node, source);
  const texts = nodesOf(call, 'arguments')
    .filter(({ type }) => type === 'Literal' || type === 'TemplateLiteral')
    .map(({ start, end }) => source.slice(start, end));
  const rules =
    name === 'rule' ? texts.slice(1, 2).map((text) => text.slice(1, -1)) : citedRules(texts.join(), part);
  return rules.length > 0 && rules.every((rule) => hidden.has(rule));
}
