import { readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { sourcesOf } from '@tablelab/shared/sources';
import type { CoursePart } from './course-file.ts';
import { fieldOf, nodesOf, parseSource, type SyntaxNode } from './syntax.ts';

/** A name that a graded test imports from its part, and that the part's hand-out does not state. */
export interface UnstatedName {
  readonly name: string;
  /** The test, or a file that it imports from the part's test support. */
  readonly file: string;
}

/**
 * Compares what the graded tests of a part import from it, by the package's name or from its sources, with the names in its hand-out: a
 * solution written from the hand-out alone must have every name that a test asks for. The tests' helpers come with the hand-out, as does all
 * given code, so of what they import only the functions that a student writes have to be stated.
 */
export function unstatedNames({ part, steps }: CoursePart, root: string): UnstatedName[] {
  const readme = readFileSync(join(root, `part${part}/README.md`), 'utf8');
  const stated = new Set(readme.match(/[A-Za-z_]\w*/g));
  const members = steps.flatMap(({ write }) => write.flatMap((one) => one.members));
  const written = new Set(members.map((member) => member.split(/[.[]/)[0]));
  const support = new RegExp(`^part${part}/(test|testing)/.*\\.ts$`);
  const tests = steps.flatMap((step) => step.tests);
  const files = new Set(tests.flatMap((test) => sourcesOf(root, test, (file) => support.test(file))));
  return [...files]
    .filter((file) => support.test(file))
    .flatMap((file) =>
      importedFromPart(root, file, part)
        .filter((name) => !stated.has(name) && (tests.includes(file) || written.has(name)))
        .map((name) => ({ name, file })),
    );
}

function importedFromPart(root: string, file: string, part: number): string[] {
  const { statements } = parseSource(file, readFileSync(join(root, file), 'utf8'));
  return statements.flatMap((statement) => {
    const from = statement.type === 'ImportDeclaration' ? String(fieldOf(statement, 'source')?.value) : '';
    const isPart =
      from === `@tablelab/part${part}` ||
      (from.startsWith('.') && normalize(join(file, '..', from)).startsWith(`part${part}/src/`));
    return isPart ? nodesOf(statement, 'specifiers').flatMap(importedName) : [];
  });
}

function importedName(specifier: SyntaxNode): string[] {
  const name = fieldOf(specifier, 'imported')?.name;
  return typeof name === 'string' ? [name] : [];
}
