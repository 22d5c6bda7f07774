/** A program as a row of tokens in which layout, comments, names, values and types do not count. */
import { childrenOf, parseSource, type SyntaxNode } from '../syntax.ts';

export interface Token {
  /** What it is: a kind of syntax node, with its operator. */
  readonly kind: string;
  readonly file: string;
  /** Offsets in the file. */
  readonly start: number;
  readonly end: number;
}

/** A submission's files by their names, or those of the hand-out. */
export type Sources = ReadonlyMap<string, string>;

/** Between two files, so that nothing goes on from one to the next. */
const fileEnd = 'end of file';

/** The nodes of all files' syntax trees, in the order of the sources. A file that cannot be parsed has none. */
export function tokensOf(sources: Sources): Token[] {
  return [...sources].flatMap(([file, source]) => {
    const tokens: Token[] = [];
    try {
      for (const statement of parseSource(file, source).statements) collect(statement, file, tokens);
    } catch {
      return [];
    }
    return [...tokens, { kind: `${fileEnd} ${file}`, file, start: source.length, end: source.length }];
  });
}

function collect(node: SyntaxNode, file: string, tokens: Token[]): void {
  // Types, and what has no effect of its own: they are changed without changing anything.
  if (node.type.startsWith('TS') && !wrappers.has(node.type)) return;
  if (node.type === 'ImportDeclaration') return;
  if (!wrappers.has(node.type)) tokens.push({ kind: kindOf(node), file, start: node.start, end: node.end });
  for (const child of childrenOf(node)) collect(child, file, tokens);
}

/** Around an expression; without them it is the same. */
const wrappers = new Set([
  ...['TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression', 'TSTypeAssertion'],
  ...['ParenthesizedExpression', 'ExportNamedDeclaration', 'ExpressionStatement', 'BlockStatement'],
]);

/** `#x` and `x` are names, `++` and `--` are operators; a value is its type. */
function kindOf(node: SyntaxNode): string {
  if (node.type === 'PrivateIdentifier') return 'Identifier';
  if (node.type === 'PropertyDefinition' || node.type === 'AccessorProperty') return 'PropertyDefinition';
  if (node.type === 'Literal') return `Literal ${typeof node.value}`;
  return 'operator' in node ? `${node.type} ${node.operator}` : node.type;
}
