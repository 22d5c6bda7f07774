import { parseSync } from 'oxc-parser';

/** A node of the syntax tree (ESTree with TypeScript). Offsets are in UTF-16 code units. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface Comment {
  readonly start: number;
  readonly end: number;
}

export interface SyntaxTree {
  readonly statements: readonly SyntaxNode[];
  readonly comments: readonly Comment[];
}

/** @throws Error with file and cause for a source that is not TypeScript */
export function parseSource(file: string, source: string): SyntaxTree {
  const { program, comments, errors } = parseSync(file, source, { lang: 'ts', sourceType: 'module' });
  const [error] = errors;
  if (error !== undefined) {
    const offset = error.labels[0]?.start ?? 0;
    throw new Error(`${file}:${lineAt(source, offset)}: ${error.message}`);
  }
  return { statements: program.body as unknown as SyntaxNode[], comments };
}

/** The line of an offset, from 1. */
function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split('\n').length;
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string';
}

/** The nodes directly below a node, in the order of the source's grammar. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return Object.values(node).flatMap((value) => {
    if (Array.isArray(value)) return value.filter(isNode);
    return isNode(value) ? [value] : [];
  });
}

/** All nodes of a tree; `enter` returns false to leave out what is below a node. */
export function walk(node: SyntaxNode, enter: (node: SyntaxNode) => boolean | undefined): void {
  if (enter(node) === false) return;
  for (const child of childrenOf(node)) walk(child, enter);
}

/** What an `export` statement exports, or the statement itself. */
export function declarationOf(statement: SyntaxNode): SyntaxNode {
  return isNode(statement.declaration) ? statement.declaration : statement;
}

export function fieldOf(node: SyntaxNode, field: string): SyntaxNode | undefined {
  const value = node[field];
  return isNode(value) ? value : undefined;
}

export function nodesOf(node: SyntaxNode, field: string): SyntaxNode[] {
  const value = node[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The name in an identifier, with `#` in a private one; undefined for other nodes. */
export function nameOf(node: SyntaxNode | undefined): string | undefined {
  if (node?.type === 'PrivateIdentifier') return `#${node.name}`;
  return node?.type === 'Identifier' ? String(node.name) : undefined;
}
