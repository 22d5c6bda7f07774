import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { UsageError } from '@tablelab/shared/command-line';
import { chosenSteps } from '../chosen-steps.ts';
import { type CoursePart, loadPart, type Step, showOf, titleOf } from '../course-file.ts';
import { glossaryOf, type Language, readmeOf } from '../language.ts';
import { stubErrorStart, stubSource } from '../stubs.ts';
import { stubsOf } from '../stubs-of.ts';
import { withholdTests } from '../withheld-tests.ts';
import { filesOf } from './contents.ts';
import { helpersOf } from './helpers.ts';
import { packageFiles } from './package-files.ts';
import { studentReadme } from './readme.ts';

export interface HandoutOptions {
  readonly part: number;
  /** Which steps the student writes, from 1; all if undefined. */
  readonly steps?: readonly number[] | undefined;
  /** A folder with the student's own solutions of the earlier parts. */
  readonly previous?: string | undefined;
  /** The language of the texts that a student reads; English if undefined. */
  readonly language?: Language | undefined;
  /** The edition whose kit it is made from. */
  readonly edition?: string | undefined;
  readonly out: string;
}

/**
 * Writes a hand-out: the kit as a student gets it. Later parts, hidden tests, solutions and the git history are not in it.
 * @throws UsageError if `out` has content, or a step does not exist
 */
export function makeHandout(root: string, options: HandoutOptions): void {
  const { part, steps: numbers, previous, language = 'en', edition, out } = options;
  if (existsSync(out) && (!statSync(out).isDirectory() || readdirSync(out).length > 0)) {
    throw new UsageError(`${out} exists and is not empty`);
  }
  const own = chosenSteps(loadPart(part, root), numbers);
  const earlier = Array.from({ length: part - 1 }, (_, index) => loadPart(index + 1, root));
  const parts = [...earlier, own];
  const files = new Map<string, string | undefined>(filesOf(root, parts).map((file) => [file, undefined]));
  for (const each of parts) {
    const text = readFileSync(join(root, readmeOf(each.part, language)), 'utf8');
    files.set(readmeOf(each.part, 'en'), text);
  }
  const glossary = glossaryOf(language);
  if (glossary !== undefined) files.set(glossary, readFileSync(join(root, 'docs', glossary), 'utf8'));
  const read = (file: string) => files.get(file) ?? readFileSync(join(root, file), 'utf8');
  const edited = new Set<string>();
  const edit = (file: string, change: (source: string) => string) => {
    const source = read(file);
    const changed = change(source);
    files.set(file, changed);
    if (changed !== source) edited.add(file);
  };
  for (const [file, stubs] of stubsOf(own)) edit(file, (source) => stubSource(file, source, stubs));
  for (const each of parts) {
    const hidden = new Set(each.steps.flatMap((step) => hiddenRules(step)));
    const tests = [...files.keys()].filter((file) => /^part\d\/(test|testing)\/.*\.ts$/.test(file));
    if (hidden.size > 0)
      for (const file of tests) edit(file, (source) => withholdTests(file, source, each.part, hidden));
  }
  if (previous !== undefined)
    for (const file of ownFiles(earlier)) files.set(file, ownSource(previous, file));
  for (const [file, text] of Object.entries(packageFiles(root, part))) files.set(file, text);
  files.set(
    'README.md',
    studentReadme(
      own,
      language,
      (file, member) => read(file).includes(`${stubErrorStart}${member},`),
      helpersOf(own, root),
    ),
  );
  try {
    for (const [file, text] of files) write(root, out, file, text);
    const generated = ['README.md', 'biome.json', 'package.json', 'tsconfig.json'];
    format(root, out, [...edited, ...generated]);
    writeManifest(out, {
      own,
      parts,
      language,
      edition,
      previous: previous !== undefined,
      files: [...files.keys()],
    });
    format(root, out, ['handout.json']);
  } catch (error) {
    // Half a hand-out would look like a whole one.
    for (const name of readdirSync(out)) rmSync(join(out, name), { recursive: true, force: true });
    throw error;
  }
}

function hiddenRules(step: Step): string[] {
  return step.rules.filter((rule) => showOf(step, rule) === 'after-due');
}

function ownFiles(parts: readonly CoursePart[]): string[] {
  return [
    ...new Set(parts.flatMap(({ steps }) => steps.flatMap(({ write }) => write.map(({ file }) => file)))),
  ];
}

function ownSource(previous: string, file: string): string {
  const path = join(previous, file);
  if (!existsSync(path))
    throw new UsageError(`${previous} has no ${file}: --previous is a folder with the earlier parts`);
  // A link in a student's folder could lead to any file that the teacher can read.
  if (realpathSync(path) !== join(realpathSync(previous), file))
    throw new UsageError(`${path} is a link, or lies behind one: it is not taken`);
  return readFileSync(path, 'utf8');
}

function write(root: string, out: string, file: string, text: string | undefined): void {
  const target = join(out, file);
  mkdirSync(dirname(target), { recursive: true });
  if (text === undefined) cpSync(join(root, file), target);
  else writeFileSync(target, text);
  if (existsSync(join(root, file))) chmodSync(target, statSync(join(root, file)).mode & 0o777);
}

/** Formats what was edited, and makes imports of types out of those of which only types are left. */
function format(root: string, out: string, files: readonly string[]): void {
  const biome = join(root, 'node_modules/.bin/biome');
  execFileSync(biome, ['check', '--write', '--log-level=error', ...files], {
    cwd: out,
    // What Biome prints is of interest only when it fails; the error then has it.
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

function writeManifest(
  out: string,
  {
    own,
    parts,
    language,
    edition,
    previous,
    files,
  }: {
    own: CoursePart;
    parts: readonly CoursePart[];
    language: Language;
    edition: string | undefined;
    previous: boolean;
    files: readonly string[];
  },
): void {
  const digest = (file: string) =>
    createHash('sha256')
      .update(readFileSync(join(out, file)))
      .digest('hex');
  const manifest = {
    part: own.part,
    steps: own.steps.map(({ name }) => name),
    previous,
    language,
    edition,
    parts: parts.map((each) => ({
      part: each.part,
      title: titleOf(each, language),
      steps: each.steps.map((step) => ({
        name: step.name,
        title: titleOf(step, language),
        kind: step.kind,
        points: step.points,
        rules: step.rules.filter((rule) => !hiddenRules(step).includes(rule)),
        hiddenRules: hiddenRules(step).length,
        tests: step.tests,
        files: step.write.map(({ file }) => file),
      })),
    })),
    files: Object.fromEntries([...files].sort().map((file) => [file, digest(file)])),
  };
  writeFileSync(join(out, 'handout.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}
