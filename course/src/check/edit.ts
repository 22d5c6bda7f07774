import { TableError } from '@tablelab/shared';
import MagicString from 'magic-string';
import { type Member, membersOf } from '../members.ts';
import { childrenOf, fieldOf, nodesOf, parseSource, type SyntaxNode } from '../syntax.ts';

/**
 * A change inside one member of a source file. `replace` is matched on the syntax tree: blanks, line breaks, comments,
 * and quotes do not count, and it must occur exactly once in the member.
 */
export type Edit =
  | { readonly file: string; readonly in: string; readonly replace: string; readonly by: string }
  | { readonly file: string; readonly in: string; readonly body: string };

/**
 * The source after an edit.
 * @throws TableError BAD_REQUEST if the member does not exist, or if `replace` does not occur exactly once in it
 */
export function applyEdit(source: string, edit: Edit): string {
  const member = memberOf(source, edit);
  const text = new MagicString(source);
  if ('body' in edit) {
    text.overwrite(member.body.start, member.body.end, `{\n${edit.body}\n}`);
    return checked(edit, text.toString());
  }
  const pattern = parsePattern(edit);
  const found = [...matches(member.declaration, pattern)];
  const [range] = found;
  if (found.length !== 1 || range === undefined) {
    const text = `${edit.file}: ${found.length} places in ${edit.in} match, instead of one: ${edit.replace}`;
    throw new TableError('BAD_REQUEST', text);
  }
  // After `if` or `else`, something must stand where the statement was.
  const isLeftOut = pattern.type === 'statements' && edit.by.trim() === '';
  text.overwrite(range.start, range.end, isLeftOut ? ';' : edit.by);
  return checked(edit, text.toString());
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** One expression, or a sequence of statements. */
type Pattern =
  | { readonly type: 'expression'; readonly node: SyntaxNode }
  | { readonly type: 'statements'; readonly nodes: readonly SyntaxNode[] };

/** Only inside a function of a class are `return`, `await` and `this.#field` valid. */
function parsePattern({ file, replace }: Edit & { replace: string }): Pattern {
  const source = `class Pattern { async *pattern() {\n${replace}\n} }`;
  const [body] = membersOf(parseSource(`${file}, to replace`, source), source).map((member) => member.body);
  const nodes = body === undefined ? [] : nodesOf(body, 'body');
  const expression = nodes[0] && fieldOf(nodes[0], 'expression');
  if (nodes.length === 1 && expression !== undefined && !replace.trimEnd().endsWith(';')) {
    return { type: 'expression', node: expression };
  }
  return { type: 'statements', nodes };
}

/** @throws TableError BAD_REQUEST if there is no such member, or more than one */
function memberOf(source: string, { file, in: name }: Edit): Member {
  const found = membersOf(parseSource(file, source), source).filter((member) => member.name === name);
  const [member] = found;
  if (member !== undefined && found.length === 1) return member;
  throw new TableError('BAD_REQUEST', `${file} has ${found.length === 0 ? 'no' : 'more than one'} ${name}`);
}

/** The places below `node` that match, outermost first. */
function* matches(node: SyntaxNode, pattern: Pattern): Generator<Range> {
  if (pattern.type === 'expression') {
    if (isSame(node, pattern.node)) yield node;
  } else if (pattern.nodes.length === 1) {
    // Also a statement without a block around it, as after `if`.
    if (isSame(node, pattern.nodes[0])) yield node;
  } else {
    const { nodes } = pattern;
    const statements = nodesOf(node, 'body');
    for (let at = 0; at + nodes.length <= statements.length; at += 1) {
      const [first, last] = [statements[at], statements[at + nodes.length - 1]];
      const isMatch = nodes.every((wanted, index) => isSame(statements[at + index], wanted));
      if (isMatch && first !== undefined && last !== undefined) yield { start: first.start, end: last.end };
    }
  }
  for (const child of childrenOf(node)) yield* matches(child, pattern);
}

/** Properties that say where or how something is written, not what it means. */
const notMeaning = new Set(['start', 'end', 'range', 'loc', 'raw', 'parent']);

function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  }
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return Object.is(one, other);
  }
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (key) => !notMeaning.has(key),
  );
  const fields = (object: object) => object as Record<string, unknown>;
  return keys.every((key) => isSame(fields(one)[key], fields(other)[key]));
}

/** @throws Error if the edit has made the file one that cannot be parsed */
function checked({ file, in: name }: Edit, source: string): string {
  parseSource(`${file}, after the edit in ${name}`, source);
  return source;
}
