/** The folder that the student's process sees: the kit's sources, stubs for what a student writes, and the submitted files over both. */
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Step } from '../course-file.ts';
import { stubSource } from '../stubs.ts';
import { stubsOf } from '../stubs-of.ts';
import type { Submission } from './intake.ts';
import { hasEvents, supportOf } from './units.ts';

export interface StudentKitOptions {
  /** The root of the kit with the reference. */
  readonly reference: string;
  readonly part: string;
  /** What these steps ask for becomes a stub; without steps, the reference remains. */
  readonly steps: readonly Step[];
  readonly submission: Pick<Submission, 'files'>;
  /** Made new. */
  readonly to: string;
}

/** It has no tests: the submission must not see them. */
export function layStudentKit({ reference, part, steps, submission, to }: StudentKitOptions): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(join(to, 'node_modules/@tablelab'), { recursive: true });
  cpSync(join(reference, 'package.json'), join(to, 'package.json'));
  for (const name of packagesOf(part)) {
    for (const item of ['package.json', 'src'])
      cpSync(join(reference, name, item), join(to, name, item), { recursive: true });
    symlinkSync(join('../..', name), join(to, 'node_modules/@tablelab', name));
  }
  for (const name of dependenciesOf(reference, part))
    cpSync(join(reference, 'node_modules', name), join(to, 'node_modules', name), { recursive: true });
  if (hasEvents(part)) {
    for (const file of supportOf(reference, part)) write(join(to, file), readFileSync(join(reference, file)));
  }
  for (const [file, stubs] of stubsOf({ part: Number(part.slice('part'.length)), steps })) {
    write(join(to, file), stubSource(file, readFileSync(join(reference, file), 'utf8'), stubs));
  }
  for (const [file, content] of submission.files) write(join(to, file), content);
}

/** The packages that a part's code imports: `shared` and the parts up to it. */
function packagesOf(part: string): string[] {
  return ['shared', ...['part1', 'part2', 'part3', 'part4'].filter((other) => other <= part)];
}

/** The packages of others that the code of the parts needs. */
function dependenciesOf(reference: string, part: string): string[] {
  const manifestOf = (folder: string) =>
    JSON.parse(readFileSync(join(reference, folder, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
    };
  const found = new Set<string>();
  const add = (folder: string) => {
    for (const name of Object.keys(manifestOf(folder).dependencies ?? {})) {
      if (name.startsWith('@tablelab/') || found.has(name)) continue;
      found.add(name);
      add(join('node_modules', name));
    }
  };
  for (const name of packagesOf(part)) add(name);
  return [...found];
}

function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
