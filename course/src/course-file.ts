/**
 * The course files, `course/part1.yaml` to `course/part4.yaml`: what a teacher edits. Each says in which steps a part is built, and
 * for each step what the student writes, which rules of the hand-out it covers, which tests grade it, and its points.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Language } from './language.ts';
import { membersOf } from './members.ts';
import { rulesOfTestFile, statedRules } from './rules.ts';
import { parseSource } from './syntax.ts';
import { parseYaml, type YamlPath } from './yaml-lines.ts';

/** What a student sees of a rule's tests: all, only the name and the result, or nothing until the teacher publishes them. */
export type Show = 'all' | 'name' | 'after-due';

/** What the student writes in one file. */
export interface WrittenFile {
  /** Relative to the kit's root. */
  readonly file: string;
  /** Names as in `Member`. */
  readonly members: readonly string[];
  /** The rules to which a member is written, where it is not all those of its step. A later step may grade them. */
  readonly rulesOf: Readonly<Record<string, readonly string[]>>;
  /**
   * A member's body in the hand-out, where it is not an error: statements that are simpler than the rules ask for, so that the tests of
   * earlier steps, which call the member, can pass.
   */
  readonly atFirst: Readonly<Record<string, string>>;
}

export interface Step {
  /** Unique in the part. */
  readonly name: string;
  readonly title: string;
  /** In Portuguese; if it is missing, `title` is shown. */
  readonly titlePt?: string | undefined;
  /** What the original assignment asks, or what this kit asks beyond it. */
  readonly kind: 'base' | 'bonus';
  /** Divided equally among the rules. */
  readonly points: number;
  readonly write: readonly WrittenFile[];
  /** Anchors of the part's hand-out. A rule is earned when all graded tests whose titles cite it pass. */
  readonly rules: readonly string[];
  /** Files, relative to the kit's root. */
  readonly tests: readonly string[];
  readonly show: Show;
  /** For the rules that differ from `show`. */
  readonly showRules: Readonly<Record<string, Show>>;
}

export interface CoursePart {
  readonly part: number;
  readonly title: string;
  readonly titlePt?: string | undefined;
  /** In the order in which they are built. */
  readonly steps: readonly Step[];
  /** Rules that only given code has to follow. */
  readonly givenRules: readonly string[];
}

/** All that is wrong with a course file, one line each: `course/part1.yaml:12: ...`. */
export class CourseFileError extends Error {
  override readonly name = 'CourseFileError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

const show = z.enum(['all', 'name', 'after-due']);
const names = z.array(z.string()).min(1);
const member = z.union(
  [
    z.string(),
    z.record(
      z.string(),
      z.union([names, z.strictObject({ rules: names.optional(), 'at-first': z.string().min(1) })]),
    ),
  ],
  { error: 'a member is its name, or its name with a list of rules, or with `rules` and `at-first`' },
);
type MemberEntry = z.infer<typeof member>;
const stepShape = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'a name has lower-case letters, digits and hyphens'),
  title: z.string().min(1),
  'title-pt': z.string().min(1).optional(),
  kind: z.enum(['base', 'bonus']),
  points: z.number().positive(),
  write: z.record(z.string(), z.array(member).min(1)),
  rules: names,
  tests: names,
  show,
  'show-rules': z.record(z.string(), show).optional(),
});
const partShape = z.strictObject({
  part: z.number().int().min(1).max(4),
  title: z.string().min(1),
  'title-pt': z.string().min(1).optional(),
  steps: z.array(stepShape).min(1),
  'given-rules': names.optional(),
});

/** The path of a part's course file, relative to the kit's root. */
export function courseFileOf(part: number): string {
  return `course/part${part}.yaml`;
}

/** The part with its titles in a language. */
export function inLanguage(course: CoursePart, language: Language): CoursePart {
  const steps = course.steps.map((step) => ({ ...step, title: titleOf(step, language) }));
  return { ...course, title: titleOf(course, language), steps };
}

/** The title of a part or a step. */
export function titleOf({ title, titlePt }: Pick<Step, 'title' | 'titlePt'>, language: Language): string {
  return language === 'pt' ? (titlePt ?? title) : title;
}

export function showOf(step: Step, rule: string): Show {
  return step.showRules[rule] ?? step.show;
}

/**
 * Reads and checks the course file of a part.
 * @throws CourseFileError with all problems, each with its line
 */
export function loadPart(part: number, root: string): CoursePart {
  const name = courseFileOf(part);
  const path = join(root, name);
  if (!existsSync(path)) throw new CourseFileError([`${name}: there is no such file`]);
  return parsePart(name, readFileSync(path, 'utf8'), part, root);
}

/** As `loadPart`, for a text. `name` is the file's in the messages. */
export function parsePart(name: string, text: string, part: number, root: string): CoursePart {
  const { document, lineAt, lineOf } = parseYaml(text);
  const problems: string[] = [];
  const report = (line: number, problem: string) => problems.push(`${name}:${line}: ${problem}`);
  const fail = () => {
    if (problems.length > 0) throw new CourseFileError(problems);
  };
  for (const { pos, message } of document.errors) {
    report(lineAt(pos[0]), message.split('\n')[0]?.replace(/ at line .*$/, '') ?? '');
  }
  fail();
  const shape = partShape.safeParse(document.toJS());
  for (const issue of shape.error?.issues ?? []) {
    const path = issue.path.filter((key) => typeof key !== 'symbol');
    const places = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
    for (const place of places) report(lineOf(place), `${path.join('.') || 'the file'}: ${issue.message}`);
  }
  fail();
  const data = shape.data as z.infer<typeof partShape>;
  const givenRules = data['given-rules'] ?? [];
  const steps = data.steps.map(({ write, 'title-pt': titlePt, 'show-rules': showRules = {}, ...step }) => ({
    ...step,
    titlePt,
    showRules,
    write: Object.entries(write).map(([file, members]) => writtenFile(file, members)),
  }));
  if (data.part !== part) report(lineOf(['part']), `this is the file of part ${part}, not ${data.part}`);
  for (const [problem, path] of problemsOf({ part: data.part, title: data.title, steps, givenRules }, root))
    report(lineOf(path), problem);
  fail();
  return { part, title: data.title, titlePt: data['title-pt'], steps, givenRules };
}

/** A member stands there by its name, with its rules (`- List.get: [list-get]`), or with its rules and a body `at-first`. */
function writtenFile(file: string, entries: readonly MemberEntry[]): WrittenFile {
  const members = entries.flatMap((entry) =>
    typeof entry === 'string' ? [{ name: entry }] : Object.entries(entry).map(memberOptions),
  );
  const rulesOf = members.flatMap(({ name, rules }) => (rules === undefined ? [] : [[name, rules]]));
  const atFirst = members.flatMap(({ name, body }) => (body === undefined ? [] : [[name, body]]));
  return {
    file,
    members: members.map(({ name }) => name),
    rulesOf: Object.fromEntries(rulesOf),
    atFirst: Object.fromEntries(atFirst),
  };
}

interface MemberOptions {
  readonly name: string;
  readonly rules?: readonly string[] | undefined;
  /** What stands in the hand-out. */
  readonly body?: string;
}

function memberOptions([name, more]: [string, Exclude<MemberEntry, string>[string]]): MemberOptions {
  return Array.isArray(more) ? { name, rules: more } : { name, rules: more.rules, body: more['at-first'] };
}

function unstated(part: number, rule: string): string {
  return `part${part}/README.md states no rule ${rule}`;
}

/** Why these are not the statements of a function or method; undefined if they are. */
function bodyProblem(statements = ''): string | undefined {
  try {
    // Only inside a method of a class are `return`, `await` and `this.#field` valid.
    const source = `class Owner { async *method() {\n${statements}\n} }`;
    const tree = parseSource('body', source);
    const isOne = tree.statements.length === 1 && membersOf(tree, source).length === 1;
    return isOne ? undefined : 'a brace ends the function';
  } catch (error) {
    return (error as Error).message.replace(/^body:\d+: /, '');
  }
}

/** What the shape does not show: names that do not exist, and names that are there twice. */
function problemsOf(
  { part, steps, givenRules }: CoursePart,
  root: string,
): [problem: string, path: YamlPath][] {
  const problems: [string, YamlPath][] = [];
  const stated = statedRules(root, part);
  const stepOfRule = new Map<string, string>();
  const stepOfMember = new Map<string, string>();
  const names = new Set<string>();
  for (const [index, step] of steps.entries()) {
    const at = (...path: YamlPath): YamlPath => ['steps', index, ...path];
    if (names.has(step.name)) problems.push([`there are two steps called ${step.name}`, at('name')]);
    names.add(step.name);
    const once = (owners: Map<string, string>, name: string, what: string, path: YamlPath) => {
      const owner = owners.get(name);
      if (owner !== undefined) problems.push([`${what} is already in step ${owner}`, path]);
      owners.set(name, step.name);
    };
    for (const { file, members, rulesOf, atFirst } of step.write) {
      const path = at('write', file);
      for (const rule of Object.values(rulesOf).flat()) {
        if (!stated.includes(rule)) problems.push([unstated(part, rule), path]);
      }
      if (!existsSync(join(root, file))) {
        problems.push([`there is no file ${file}`, path]);
        continue;
      }
      const source = readFileSync(join(root, file), 'utf8');
      const found = membersOf(parseSource(file, source), source).map((member) => member.name);
      for (const [place, name] of members.entries()) {
        const here = at('write', file, place);
        if (!found.includes(name)) problems.push([`${file} has no function or method ${name}`, here]);
        once(stepOfMember, `${file} ${name}`, `${name} of ${file}`, here);
        const problem = bodyProblem(atFirst[name]);
        if (problem !== undefined)
          problems.push([`${name} at first: ${problem}`, [...here, name, 'at-first']]);
      }
    }
    const citedByFile = new Map<string, readonly string[]>();
    for (const [place, file] of step.tests.entries()) {
      if (!existsSync(join(root, file))) {
        problems.push([`there is no file ${file}`, at('tests', place)]);
        continue;
      }
      const cited = rulesOfTestFile(root, file, part);
      citedByFile.set(file, cited);
      if (!step.rules.some((rule) => cited.includes(rule))) {
        problems.push([`${file} cites none of the step's rules`, at('tests', place)]);
      }
    }
    for (const [place, rule] of step.rules.entries()) {
      const here = at('rules', place);
      once(stepOfRule, rule, `rule ${rule}`, here);
      if (!stated.includes(rule)) problems.push([unstated(part, rule), here]);
      else if (![...citedByFile.values()].some((cited) => cited.includes(rule))) {
        problems.push([`no test of the step cites rule ${rule}`, here]);
      }
    }
    for (const rule of Object.keys(step.showRules)) {
      if (!step.rules.includes(rule)) problems.push([`the step has no rule ${rule}`, at('show-rules', rule)]);
    }
  }
  for (const [place, rule] of givenRules.entries()) {
    const here: YamlPath = ['given-rules', place];
    const step = stepOfRule.get(rule);
    if (step !== undefined) problems.push([`rule ${rule} is one of step ${step}`, here]);
    if (!stated.includes(rule)) problems.push([`part${part}/README.md states no rule ${rule}`, here]);
  }
  return problems;
}
