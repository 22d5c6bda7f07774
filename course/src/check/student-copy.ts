import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TemporaryFolder } from '@tablelab/shared/process';
import type { CoursePart } from '../course-file.ts';
import { type HandoutOptions, makeHandout } from '../handout/make.ts';
import { linkModules } from '../linked-modules.ts';
import { stubSource } from '../stubs.ts';
import { stubsOf } from '../stubs-of.ts';

/** A hand-out as a student has it, in a temporary folder; it uses the kit's packages. */
export class StudentCopy {
  readonly folder: string;
  readonly #root: string;
  readonly #parent: TemporaryFolder;

  constructor(root: string, options: Omit<HandoutOptions, 'out'>) {
    this.#root = root;
    this.#parent = new TemporaryFolder('tablelab-handout-');
    this.folder = join(this.#parent.path, 'out');
    makeHandout(root, { ...options, out: this.folder });
    linkPackages(root, this.folder, options.part);
  }

  /** Gives files the reference's content. */
  solve(files: readonly string[]): void {
    for (const file of files) cpSync(join(this.#root, file), join(this.folder, file));
  }

  /** Gives the first `count` steps of a part the reference's content; the others are as they were handed out. */
  solveFirst({ part, steps }: CoursePart, count: number): void {
    this.solve(steps.flatMap(({ write }) => write.map(({ file }) => file)));
    for (const [file, stubs] of stubsOf({ part, steps: steps.slice(count) })) {
      const source = readFileSync(join(this.#root, file), 'utf8');
      writeFileSync(join(this.folder, file), stubSource(file, source, stubs));
    }
  }

  remove(): void {
    this.#parent.remove();
  }
}

/** Makes the kit's packages those of a hand-out. */
export function linkPackages(root: string, handout: string, part: number): void {
  linkModules({
    root,
    copy: handout,
    workspaces: ['shared', 'part1', 'part2', 'part3', 'part4'].slice(0, part + 1),
  });
}
