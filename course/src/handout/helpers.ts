import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { CoursePart, Step } from '../course-file.ts';
import { stubSource } from '../stubs.ts';
import { stubsOf } from '../stubs-of.ts';
import { fieldOf, nodesOf, parseSource } from '../syntax.ts';

/** A given function, class or type that only the bodies of a step use, so that the hand-out's file does not import it any more. */
export interface Helper {
  readonly name: string;
  /** The file, relative to the kit's root, or the package. */
  readonly from: string;
}

/**
 * For each step the helpers that a student would otherwise have to find. One that several steps use is listed with the first of them.
 * What the student writes in another step is not given.
 */
export function helpersOf(course: CoursePart, root: string): Map<Step, Helper[]> {
  const written = new Set(
    course.steps.flatMap(({ write }) =>
      write.flatMap(({ members }) => members.map((member) => member.split(/[.[]/)[0])),
    ),
  );
  const lostFrom = (first: number) => lostImports({ ...course, steps: course.steps.slice(first) }, root);
  return new Map(
    course.steps.map((step, index) => {
      const later = new Set(lostFrom(index + 1).map(keyOf));
      const own = lostFrom(index).filter((helper) => !later.has(keyOf(helper)) && !written.has(helper.name));
      return [step, [...new Map(own.map((helper) => [helper.name, helper])).values()]];
    }),
  );
}

interface Lost extends Helper {
  /** Where it is not imported any more. */
  readonly file: string;
}

const keyOf = ({ file, name }: Lost) => `${file} ${name}`;

function lostImports(course: CoursePart, root: string): Lost[] {
  return [...stubsOf(course)].flatMap(([file, stubs]) => {
    const source = readFileSync(join(root, file), 'utf8');
    const left = new Set(importsOf(file, stubSource(file, source, stubs)).map(({ name }) => name));
    return importsOf(file, source).filter(({ name }) => !left.has(name));
  });
}

/** The names that a file imports from the kit. */
function importsOf(file: string, source: string): Lost[] {
  const { statements } = parseSource(file, source);
  return statements.flatMap((statement) => {
    if (statement.type !== 'ImportDeclaration') return [];
    const path = String(fieldOf(statement, 'source')?.value);
    if (path.startsWith('node:')) return [];
    const from = path.startsWith('.') ? normalize(join(dirname(file), path)) : path;
    return nodesOf(statement, 'specifiers').flatMap((specifier) => {
      const name = fieldOf(specifier, 'imported')?.name;
      return typeof name === 'string' ? [{ file, name, from }] : [];
    });
  });
}
