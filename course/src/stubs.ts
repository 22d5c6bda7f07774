/**
 * Replaces functions and methods that a student writes by stubs, and removes what only they used. It works on the syntax tree,
 * so the reference's sources need no marks. Docstrings, types and all other code stay as they are.
 */

import MagicString from 'magic-string';
import { deadCode } from './dead-code.ts';
import { type Member, membersOf } from './members.ts';
import { parseSource } from './syntax.ts';

/** A body to be replaced. */
export interface Stub {
  /** As a course file names it, see `Member`. */
  readonly member: string;
  /** The rules to which the body is written: addresses in a hand-out, `part1/README.md#list-add-appends`. */
  readonly rules: readonly string[];
  /** Statements that stand there instead of the error, see `WrittenFile`. */
  readonly atFirst?: string | undefined;
}

/** How a stub's error begins, and the comment above a body that a student replaces. */
export const stubErrorStart = 'yours to write: ';

/**
 * The source with its stubs.
 * @throws Error if the file has no member of that name, or is not TypeScript
 */
export function stubSource(file: string, source: string, stubs: readonly Stub[]): string {
  // First of all: what these bodies use stays.
  const given = withBodiesAtFirst(file, source, stubs);
  const tree = parseSource(file, given);
  const text = new MagicString(given);
  const isError = ({ atFirst }: Stub) => atFirst === undefined;
  const errors = bodiesOf(file, membersOf(tree, given), stubs).filter(({ stub }) => isError(stub));
  const kept = deadCode(
    given,
    tree,
    errors.map(({ member }) => member.body),
  );
  for (const { stub, member } of errors) {
    text.overwrite(member.body.start, member.body.end, stubBody(member, stub, given));
    const star = starOf(member, given);
    if (star !== undefined) text.remove(star, star + 1);
  }
  for (const { start, end } of kept.removed) text.remove(start, end);
  for (const { start, end, replacement } of kept.replaced) text.overwrite(start, end, replacement);
  return text.toString();
}

function withBodiesAtFirst(file: string, source: string, stubs: readonly Stub[]): string {
  const text = new MagicString(source);
  for (const { stub, member } of bodiesOf(file, membersOf(parseSource(file, source), source), stubs)) {
    if (stub.atFirst === undefined) continue;
    text.overwrite(member.body.start, member.body.end, `{\n// ${instruction(stub)}\n${stub.atFirst}\n}`);
  }
  return text.toString();
}

function bodiesOf(
  file: string,
  members: readonly Member[],
  stubs: readonly Stub[],
): { readonly stub: Stub; readonly member: Member }[] {
  return stubs.flatMap((stub) => {
    const found = members.filter(({ name }) => name === stub.member);
    if (found.length === 0) throw new Error(`${file} has no function or method ${stub.member}`);
    return found.map((member) => ({ stub, member }));
  });
}

function stubBody(member: Member, stub: Stub, source: string): string {
  return `{\n${superCall(member, source)}throw new Error(${quoted(instruction(stub))});\n}`;
}

/** What a student is told. */
function instruction({ member, rules }: Stub): string {
  return `${stubErrorStart}${member}, see ${rules.join(', ')}`;
}

/** A constructor of a derived class must call `super`. */
function superCall({ body }: Member, source: string): string {
  const [call] = /\bsuper\((?:[^()]|\([^()]*\))*\);/.exec(source.slice(body.start, body.end)) ?? [];
  return call !== undefined && source.slice(0, body.start).trimEnd().endsWith(')') ? `${call}\n` : '';
}

/** A generator without `yield` is an error for the linter; the return type still says what the function gives. */
function starOf(member: Member, source: string): number | undefined {
  if (member.function.generator !== true) return undefined;
  const found = source.indexOf('*', member.declaration.start);
  return found === -1 || found > member.body.start ? undefined : found;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
