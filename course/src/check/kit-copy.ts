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
import { applyEdit, type Edit } from './edit.ts';

const workspaces = ['shared', 'part1', 'part2', 'part3', 'part4'];
const others = ['scripts', 'package.json', '.taprc', 'tsconfig.json', 'versions.json'];

/** A copy of the kit in a temporary folder, in which solutions are changed; the installed packages are shared. */
export class KitCopy {
  readonly folder: string;
  readonly #root: string;
  /** The files that differ from the kit. */
  readonly #changed = new Set<string>();

  constructor(root: string) {
    this.#root = root;
    this.folder = mkdtempSync(join(tmpdir(), 'tablelab-variant-'));
    for (const name of [...workspaces, ...others]) {
      cpSync(join(root, name), join(this.folder, name), { recursive: true });
    }
    // Links to the packages, but the workspaces' names lead to the copies.
    const modules = join(this.folder, 'node_modules');
    mkdirSync(join(modules, '@tablelab'), { recursive: true });
    for (const name of readdirSync(join(root, 'node_modules'))) {
      // The copy has a cache of its own, which goes with it.
      if (name !== '@tablelab' && name !== '.cache')
        symlinkSync(join(root, 'node_modules', name), join(modules, name));
    }
    for (const name of workspaces) symlinkSync(join(this.folder, name), join(modules, '@tablelab', name));
  }

  /**
   * Makes the copy the kit with these edits, and nothing of earlier ones.
   * @throws TableError BAD_REQUEST if an edit does not fit
   */
  change(edits: readonly Edit[]): void {
    for (const file of this.#changed) cpSync(join(this.#root, file), join(this.folder, file));
    this.#changed.clear();
    for (const edit of edits) {
      const path = join(this.folder, edit.file);
      writeFileSync(path, applyEdit(readFileSync(path, 'utf8'), edit));
      this.#changed.add(edit.file);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
