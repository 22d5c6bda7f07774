import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '@tablelab/shared/command-line';
import { TemporaryFolder } from '@tablelab/shared/process';
import { loadPart } from '../course-file.ts';
import { editionKit } from '../edition/kit.ts';
import type { Language } from '../language.ts';
import { stubErrorStart } from '../stubs.ts';
import { makeHandout } from './make.ts';

interface Manifest {
  readonly part: number;
  readonly steps: readonly string[];
  readonly previous: boolean;
  /** Undefined in hand-outs that were written before there was another language. */
  readonly language?: Language;
  /** Undefined if it is that of the kit itself. */
  readonly edition?: string;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Writes a patch of what has changed in the given code since a hand-out was made; a student applies it over their own work. It changes no
 * stubbed body, also if the text of its error has changed.
 * @param old the folder as it was handed out
 * @returns whether anything has changed
 */
export function writeUpdate(root: string, old: string, patch: string): boolean {
  const manifest = readManifest(old);
  const changed = Object.entries(manifest.files).filter(
    ([file, digest]) => digestOf(join(old, file)) !== digest,
  );
  if (changed.length > 0) {
    const names = changed.map(([file]) => file).join(', ');
    throw new UsageError(
      `${old} is not as it was handed out, but --update needs that folder; changed: ${names}`,
    );
  }
  const { edition } = manifest;
  const kit = edition === undefined ? root : editionKit(root, edition).root;
  const numbers = stepNumbers(kit, manifest);
  const folder = new TemporaryFolder('tablelab-update-');
  const work = folder.path;
  try {
    makeHandout(kit, {
      part: manifest.part,
      steps: numbers,
      previous: manifest.previous ? old : undefined,
      language: manifest.language,
      edition,
      out: join(work, 'b'),
    });
    for (const file of [...Object.keys(manifest.files), 'handout.json'])
      cpSync(join(old, file), join(work, 'a', file));
    for (const file of Object.keys(manifest.files)) keepStubs(join(work, 'a', file), join(work, 'b', file));
    const args = ['diff', '--no-index', '--no-prefix', '--full-index', '--binary', '-U1', 'a', 'b'];
    const { status, stdout, stderr } = spawnSync('git', args, {
      cwd: work,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    if (status !== 0 && status !== 1) throw new Error(`git diff failed: ${stderr}`);
    if (stdout !== '') writeFileSync(patch, stdout);
    return stdout !== '';
  } finally {
    folder.remove();
  }
}

function readManifest(folder: string): Manifest {
  const path = join(folder, 'handout.json');
  if (!existsSync(path)) throw new UsageError(`${folder} is not a hand-out: it has no handout.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}

function digestOf(path: string): string | undefined {
  return existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : undefined;
}

/** The numbers that the hand-out's steps have now. */
function stepNumbers(root: string, { part, steps }: Manifest): number[] {
  const names = loadPart(part, root).steps.map(({ name }) => name);
  return steps.map((step) => {
    const index = names.indexOf(step);
    if (index === -1) throw new UsageError(`course/part${part}.yaml no longer has the step ${step}`);
    return index + 1;
  });
}

const stubError = new RegExp(`^ *(?:throw new Error\\($)?.*'${stubErrorStart}([^,]+), see [^\\n]*$`, 'gm');

/** Gives the errors of stubs in the new file the texts that they have in the old one. */
function keepStubs(oldPath: string, newPath: string): void {
  if (!oldPath.endsWith('.ts') || !existsSync(newPath)) return;
  const oldText = readFileSync(oldPath, 'utf8');
  const before = new Map([...oldText.matchAll(stubError)].map(([line, member = '']) => [member, line]));
  if (before.size === 0) return;
  const text = readFileSync(newPath, 'utf8');
  writeFileSync(
    newPath,
    text.replaceAll(stubError, (line, member: string) => before.get(member) ?? line),
  );
}
