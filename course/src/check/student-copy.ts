import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CoursePart } from '../course-file.ts';
import { type HandoutOptions, makeHandout } from '../handout/make.ts';
import { stubSource } from '../stubs.ts';
import { stubsOf } from '../stubs-of.ts';

/** A hand-out as a student has it, in a temporary folder; it uses the kit's packages. */
export class StudentCopy {
  readonly folder: string;
  readonly #root: string;
  readonly #parent: string;

  constructor(root: string, options: Omit<HandoutOptions, 'out'>) {
    this.#root = root;
    this.#parent = mkdtempSync(join(tmpdir(), 'tablelab-handout-'));
    this.folder = join(this.#parent, 'out');
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
    rmSync(this.#parent, { recursive: true, force: true });
  }
}

/** Makes the kit's packages those of a hand-out; its workspaces are its own. */
export function linkPackages(root: string, handout: string, part: number): void {
  const modules = join(handout, 'node_modules');
  mkdirSync(join(modules, '@tablelab'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@tablelab') symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  for (const workspace of ['shared', 'part1', 'part2', 'part3', 'part4'].slice(0, part + 1)) {
    symlinkSync(join(handout, workspace), join(modules, '@tablelab', workspace));
  }
}
