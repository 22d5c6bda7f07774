import {
  childrenOf,
  declarationOf,
  fieldOf,
  nameOf,
  nodesOf,
  type SyntaxNode,
  type SyntaxTree,
  walk,
} from './syntax.ts';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** What is left of a source when some of its bodies are gone. */
export interface DeadCode {
  readonly removed: readonly Range[];
  /** Import statements of which only a part is left. */
  readonly replaced: readonly (Range & { readonly replacement: string })[];
}

/** A declaration that goes when nothing uses it: of the file, of a private member, or of an imported name. */
interface Unit {
  readonly names: readonly string[];
  readonly node: SyntaxNode;
  /** Names of private members are only valid in their class. */
  readonly scope: SyntaxNode | undefined;
}

/**
 * Finds what only the given bodies used, also indirectly: private members, functions, constants, types and imports. Names are
 * compared as text within their file or class, so a local variable may keep a declaration with the same name alive; the linter then reports it.
 */
export function deadCode(source: string, tree: SyntaxTree, bodies: readonly SyntaxNode[]): DeadCode {
  const units = unitsOf(tree);
  const gone = new Set<SyntaxNode>(bodies);
  const dead = new Set<Unit>();
  for (;;) {
    const uses = usesOf(tree, units, gone);
    const found = units.filter((unit) => !dead.has(unit) && !uses.has(unit));
    if (found.length === 0) break;
    for (const unit of found) {
      dead.add(unit);
      gone.add(unit.node);
      for (const statement of assignmentsTo(unit)) gone.add(statement);
    }
  }
  const removedNodes = [...gone].filter((node) => !bodies.includes(node) && !isSpecifier(node));
  const ranges = removedNodes
    .map((node) => withComments(source, tree, wholeStatement(tree, node)))
    .filter((range) => !bodies.some((body) => contains(body, range)));
  const deadSpecifiers = new Set([...gone].filter(isSpecifier));
  const imports = tree.statements.filter(({ type }) => type === 'ImportDeclaration');
  const changed = imports.filter((one) =>
    nodesOf(one, 'specifiers').some((node) => deadSpecifiers.has(node)),
  );
  const removed: Range[] = outermost(ranges);
  const replaced: (Range & { replacement: string })[] = [];
  for (const statement of changed) {
    const left = nodesOf(statement, 'specifiers').filter((node) => !deadSpecifiers.has(node));
    if (left.length === 0) removed.push(withComments(source, tree, statement));
    else
      replaced.push({
        start: statement.start,
        end: statement.end,
        replacement: importText(source, statement, left),
      });
  }
  return { removed, replaced };
}

function unitsOf(tree: SyntaxTree): Unit[] {
  return tree.statements.flatMap((statement) => {
    if (statement.type === 'ImportDeclaration') {
      return nodesOf(statement, 'specifiers').map((node) => unit([nameOf(fieldOf(node, 'local'))], node));
    }
    const declaration = declarationOf(statement);
    const isExported = declaration !== statement;
    const own = isExported ? [] : declaredNames(declaration);
    const units = own.length === 0 ? [] : [unit(own, statement)];
    return declaration.type === 'ClassDeclaration' ? [...units, ...privateMembersOf(declaration)] : units;
  });
}

function unit(names: readonly (string | undefined)[], node: SyntaxNode, scope?: SyntaxNode): Unit {
  return { names: names.filter((name) => name !== undefined), node, scope };
}

function declaredNames(declaration: SyntaxNode): string[] {
  const names: (string | undefined)[] = [];
  switch (declaration.type) {
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      names.push(nameOf(fieldOf(declaration, 'id')));
      break;
    case 'VariableDeclaration':
      for (const one of nodesOf(declaration, 'declarations')) {
        const id = fieldOf(one, 'id');
        if (id !== undefined) walk(id, (node) => void names.push(nameOf(node)));
      }
      break;
    default:
  }
  return names.filter((name) => name !== undefined);
}

function privateMembersOf(declaration: SyntaxNode): Unit[] {
  const body = fieldOf(declaration, 'body');
  if (body === undefined) return [];
  return nodesOf(body, 'body').flatMap((member) => {
    const key = fieldOf(member, 'key');
    return key?.type === 'PrivateIdentifier' ? [unit([nameOf(key)], member, body)] : [];
  });
}

/** The units that something uses which is itself there: code outside of any unit, or a unit that is used. */
function usesOf(tree: SyntaxTree, units: readonly Unit[], gone: ReadonlySet<SyntaxNode>): Set<Unit> {
  const used = new Set<Unit>();
  // To set a field is not to use it.
  const targets = new Set<SyntaxNode>();
  const unitOfNode = new Map(units.map((unit) => [unit.node, unit]));
  const visit = (node: SyntaxNode): void => {
    if (gone.has(node)) return;
    const own = unitOfNode.get(node);
    if (own !== undefined && !used.has(own)) return;
    visitInside(node);
  };
  const visitInside = (node: SyntaxNode): void => {
    const target = assignmentTarget(node);
    if (target !== undefined) targets.add(target);
    if (targets.has(node)) return;
    for (const { name, position } of readNames(node)) {
      for (const unit of units) {
        if (used.has(unit) || gone.has(unit.node) || !unit.names.includes(name)) continue;
        if (unit.scope !== undefined && !contains(unit.scope, position)) continue;
        used.add(unit);
        visitInside(unit.node);
      }
    }
    for (const child of childrenOf(node)) visit(child);
  };
  for (const statement of tree.statements) visit(statement);
  return used;
}

/** The names that a node itself reads; those in the nodes below it are theirs. */
function readNames(node: SyntaxNode): { name: string; position: SyntaxNode }[] {
  return childrenOf(node).flatMap((child) => {
    const name = nameOf(child);
    if (name === undefined || !isRead(node, child)) return [];
    return [{ name, position: child }];
  });
}

function isRead(parent: SyntaxNode, child: SyntaxNode): boolean {
  switch (parent.type) {
    case 'MemberExpression':
      return child !== parent.property || parent.computed === true || child.type === 'PrivateIdentifier';
    case 'Property':
      return child !== parent.key || parent.computed === true || parent.shorthand === true;
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'TSPropertySignature':
    case 'TSMethodSignature':
      return child !== parent.key || parent.computed === true;
    case 'TSQualifiedName':
      return child !== parent.right;
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
    case 'VariableDeclarator':
      return child !== parent.id;
    case 'ImportSpecifier':
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
      return false;
    default:
      return true;
  }
}

/** Statements that only set a private field: they go with it. */
function assignmentsTo({ names, scope }: Unit): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  if (scope === undefined) return found;
  walk(scope, (node) => {
    const target = assignmentTarget(node);
    const field = target === undefined ? undefined : nameOf(fieldOf(target, 'property'));
    if (field !== undefined && names.includes(field)) found.push(node);
    return true;
  });
  return found;
}

/** `this.#field` in a statement that sets this private field and does nothing else with it. */
function assignmentTarget(statement: SyntaxNode): SyntaxNode | undefined {
  if (statement.type !== 'ExpressionStatement') return undefined;
  const expression = fieldOf(statement, 'expression');
  const target =
    expression?.type === 'AssignmentExpression'
      ? fieldOf(expression, 'left')
      : expression?.type === 'UpdateExpression'
        ? fieldOf(expression, 'argument')
        : undefined;
  const isPrivate = target !== undefined && fieldOf(target, 'property')?.type === 'PrivateIdentifier';
  return isPrivate && fieldOf(target, 'object')?.type === 'ThisExpression' ? target : undefined;
}

function isSpecifier({ type }: SyntaxNode): boolean {
  return (
    type === 'ImportSpecifier' || type === 'ImportDefaultSpecifier' || type === 'ImportNamespaceSpecifier'
  );
}

function wholeStatement(tree: SyntaxTree, node: SyntaxNode): SyntaxNode {
  return tree.statements.find((statement) => declarationOf(statement) === node) ?? node;
}

/** A range with the comments directly above it, the one behind it on its line, and its line break. */
function withComments(source: string, { comments }: SyntaxTree, node: Range): Range {
  let { start, end } = node;
  for (const comment of comments.toReversed()) {
    if (comment.end > start) continue;
    const between = source.slice(comment.end, start);
    if (between.trim() !== '' || between.split('\n').length > 2) break;
    // A comment behind other code on its line belongs to that code.
    if (source.slice(source.lastIndexOf('\n', comment.start) + 1, comment.start).trim() !== '') break;
    start = comment.start;
  }
  const behind = comments.find(
    (comment) => comment.start >= end && /^[ \t]*$/.test(source.slice(end, comment.start)),
  );
  if (behind !== undefined) end = behind.end;
  const [space = ''] = /^[ \t]*\n?/.exec(source.slice(end)) ?? [];
  return { start, end: end + space.length };
}

function importText(source: string, statement: SyntaxNode, left: readonly SyntaxNode[]): string {
  const from = fieldOf(statement, 'source');
  const text = ({ start, end }: Range) => source.slice(start, end);
  const named = left.filter(({ type }) => type === 'ImportSpecifier');
  const others = left.filter(({ type }) => type !== 'ImportSpecifier').map(text);
  const allTypes =
    statement.importKind !== 'type' && others.length === 0 && named.every((one) => one.importKind === 'type');
  const names = named.map((one) => (allTypes ? text(one).replace(/^type\s+/, '') : text(one)));
  const parts = [...others, ...(names.length === 0 ? [] : [`{ ${names.join(', ')} }`])];
  const kind = statement.importKind === 'type' || allTypes ? 'type ' : '';
  return `import ${kind}${parts.join(', ')} from ${from === undefined ? '' : text(from)};`;
}

function contains(outer: Range, inner: Range): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function outermost(ranges: readonly Range[]): Range[] {
  return ranges.filter(
    (range, index) =>
      !ranges.some(
        (other, at) => at !== index && contains(other, range) && (at < index || !contains(range, other)),
      ),
  );
}
