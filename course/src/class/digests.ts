/**
 * What decides about the points of a submission, as digests: where all are the same, the result is, too. There are several, so that a
 * changed result can be explained.
 */
import { createHash, type Hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { GradeOptions } from '../grade/grade.ts';
import { readmeOf } from '../language.ts';
import type { Submission } from '../grade/intake.ts';

/** `submission`: the student's files; `tests`: what judges them; `kit`: the grader and the given code; `settings`: steps, points, seeds. */
export const digestNames = ['submission', 'tests', 'kit', 'settings'] as const;
export type DigestName = (typeof digestNames)[number];
export type Digests = Readonly<Record<DigestName, string>>;

export type ClassOptions = Pick<
  GradeOptions,
  'part' | 'steps' | 'reference' | 'edition' | 'language' | 'hidden' | 'seeds' | 'sandbox'
>;

/** Of everything but the submission. */
export function commonDigests(options: ClassOptions): Omit<Digests, 'submission'> {
  const { part, steps, reference, edition, language, hidden, seeds, sandbox } = options;
  const parts = ['part1', 'part2', 'part3', 'part4'].filter((other) => other <= part);
  return {
    tests: digest((hash) => {
      for (const name of [...parts, 'shared']) {
        for (const folder of ['test', 'testing', 'src/testing'])
          addFolder(hash, reference, `${name}/${folder}`);
      }
      if (hidden !== undefined) addFolder(hash, hidden, '.');
    }),
    kit: digest((hash) => {
      for (const folder of ['shared/src', ...parts.map((name) => `${name}/src`), 'course/src/grade']) {
        addFolder(hash, reference, folder);
      }
      hash.update(readFileSync(join(reference, 'package-lock.json')));
      hash.update(
        readFileSync(join(reference, readmeOf(Number(part.slice('part'.length)), language ?? 'en'))),
      );
      hash.update(process.version);
    }),
    settings: digest((hash) => hash.update(JSON.stringify([part, steps, seeds, sandbox, edition, language]))),
  };
}

export function submissionDigest({ files }: Submission): string {
  return digest((hash) => {
    for (const [file, content] of [...files].sort(([one], [other]) => (one < other ? -1 : 1)))
      add(hash, file, content);
  });
}

/** Of a submission that cannot be read. */
export function problemDigest(problem: string): string {
  return digest((hash) => hash.update(problem));
}

function digest(fill: (hash: Hash) => void): string {
  const hash = createHash('sha256');
  fill(hash);
  return hash.digest('hex').slice(0, 32);
}

function addFolder(hash: Hash, root: string, folder: string): void {
  const path = join(root, folder);
  if (!existsSync(path)) return;
  const files = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes('/.tap/') && !file.includes('/node_modules/'));
  for (const file of files.sort()) add(hash, relative(root, file), readFileSync(file));
}

/** With their lengths, so that no two lists of files look the same. */
function add(hash: Hash, name: string, content: Buffer): void {
  hash.update(`${name.length} ${name} ${content.length} `).update(content);
}
