import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TemporaryFolder } from '@tablelab/shared/process';
import { linkModules } from '../linked-modules.ts';
import { applyEdit, type Edit } from './edit.ts';

const workspaces = ['shared', 'part1', 'part2', 'part3', 'part4'];
const others = ['scripts', 'package.json', '.taprc', 'tsconfig.json', 'versions.json'];

/** A copy of the kit in a temporary folder, in which solutions are changed; the installed packages are shared. */
export class KitCopy {
  readonly folder: string;
  readonly #root: string;
  readonly #temporary: TemporaryFolder;
  /** The files that differ from the kit. */
  readonly #changed = new Set<string>();

  constructor(root: string) {
    this.#root = root;
    this.#temporary = new TemporaryFolder('tablelab-variant-');
    this.folder = this.#temporary.path;
    for (const name of [...workspaces, ...others]) {
      cpSync(join(root, name), join(this.folder, name), { recursive: true });
    }
    linkModules({ root, copy: this.folder, workspaces });
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
    this.#temporary.remove();
  }
}
