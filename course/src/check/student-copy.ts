import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HandoutOptions, makeHandout } from '../handout/make.ts';

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
