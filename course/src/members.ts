import { declarationOf, fieldOf, nameOf, nodesOf, type SyntaxNode, type SyntaxTree } from './syntax.ts';

/** A function or method with a body, under the name by which a course file names it. */
export interface Member {
  /** `hashKey`, `List.add`, `List.#append`, `Table.constructor`, `Table[Symbol.iterator]`, `executions.put`. */
  readonly name: string;
  /** The whole declaration, from its name on. */
  readonly declaration: SyntaxNode;
  readonly body: SyntaxNode;
  /** The function: what says whether it is a generator. */
  readonly function: SyntaxNode;
}

/** All functions and methods of a file. A getter and a setter of one name are two members with the same name. */
export function membersOf(tree: SyntaxTree, source: string): Member[] {
  return tree.statements.flatMap((statement) => {
    const declaration = declarationOf(statement);
    switch (declaration.type) {
      case 'FunctionDeclaration':
        return member(nameOf(fieldOf(declaration, 'id')), declaration, declaration);
      case 'ClassDeclaration':
        return methodsOf(declaration, source);
      case 'VariableDeclaration':
        return nodesOf(declaration, 'declarations').flatMap((one) => {
          const value = fieldOf(one, 'init');
          const name = nameOf(fieldOf(one, 'id'));
          if (value?.type === 'ObjectExpression') return propertiesOf(name, value);
          return isFunction(value) ? member(name, one, value) : [];
        });
      default:
        return [];
    }
  });
}

/** The functions in an object that is a constant: `executions.put`. */
function propertiesOf(owner: string | undefined, value: SyntaxNode): Member[] {
  return nodesOf(value, 'properties').flatMap((property) => {
    const [name, content] = [nameOf(fieldOf(property, 'key')), fieldOf(property, 'value')];
    if (owner === undefined || name === undefined || !isFunction(content)) return [];
    return member(`${owner}.${name}`, property, content);
  });
}

function isFunction(node: SyntaxNode | undefined): node is SyntaxNode {
  return node?.type === 'ArrowFunctionExpression' || node?.type === 'FunctionExpression';
}

function methodsOf(declaration: SyntaxNode, source: string): Member[] {
  const className = nameOf(fieldOf(declaration, 'id'));
  const body = fieldOf(declaration, 'body');
  if (className === undefined || body === undefined) return [];
  return nodesOf(body, 'body').flatMap((method) => {
    const key = fieldOf(method, 'key');
    const value = fieldOf(method, 'value');
    if (method.type !== 'MethodDefinition' || key === undefined || value === undefined) return [];
    const name =
      method.computed === true
        ? `${className}[${source.slice(key.start, key.end)}]`
        : `${className}.${nameOf(key) ?? source.slice(key.start, key.end)}`;
    return member(name, method, value);
  });
}

function member(name: string | undefined, declaration: SyntaxNode, value: SyntaxNode): Member[] {
  const body = fieldOf(value, 'body');
  return name === undefined || body === undefined ? [] : [{ name, declaration, body, function: value }];
}
