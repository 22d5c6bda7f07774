import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { childrenOf, fieldOf, parseSource, type SyntaxNode, walk } from './syntax.ts';

/**
 * The files of the kit that a file imports, directly: static and dynamic imports, `new URL('./file', import.meta.url)`, and
 * packages of the kit by their `exports`. Paths are relative to the root.
 */
function importsOf(root: string, file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8');
  if (!file.endsWith('.ts')) return [];
  const found = new Set<string>();
  for (const statement of parseSource(file, source).statements) {
    walk(statement, (node) => {
      for (const name of importedNames(node)) {
        const target = resolveImport(root, file, name);
        if (target !== undefined) found.add(target);
      }
      return true;
    });
  }
  return [...found];
}

/** A file and all that it imports, directly or indirectly, as far as `follow` allows. */
export function sourcesOf(root: string, file: string, follow: (file: string) => boolean): string[] {
  const found = new Set<string>([file]);
  for (const one of found) {
    for (const target of importsOf(root, one)) if (follow(target)) found.add(target);
  }
  return [...found];
}

function importedNames(node: SyntaxNode): string[] {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
      return literal(fieldOf(node, 'source'));
    case 'NewExpression':
      return childrenOf(node).some(({ name }) => name === 'URL') ? childrenOf(node).flatMap(literal) : [];
    default:
      return [];
  }
}

function literal(node: SyntaxNode | undefined): string[] {
  return node?.type === 'Literal' && typeof node.value === 'string' ? [node.value] : [];
}

/** Undefined for a package from outside of the kit, and for a file that is not there. */
function resolveImport(root: string, from: string, name: string): string | undefined {
  if (name.startsWith('.')) return existing(root, normalize(join(dirname(from), name)));
  const [, workspace = '', path = ''] = /^@tablelab\/([^/]+)(\/.*)?$/.exec(name) ?? [];
  if (workspace === '') return undefined;
  const { exports } = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')) as {
    exports: Record<string, string>;
  };
  const target = exports[`.${path}`];
  return target === undefined ? undefined : existing(root, join(workspace, target));
}

function existing(root: string, file: string): string | undefined {
  return existsSync(join(root, file)) ? file : undefined;
}
