import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

export interface LinkedModulesOptions {
  /** The kit that has the packages. */
  readonly root: string;
  readonly copy: string;
  readonly workspaces: readonly string[];
  /** Where the copy will lie; default: where it is. */
  readonly at?: string;
}

/** Makes the kit's installed packages those of a copy; the workspaces' names lead to its own. */
export function linkModules({ root, copy, workspaces, at = copy }: LinkedModulesOptions): void {
  const modules = join(copy, 'node_modules');
  mkdirSync(join(modules, '@tablelab'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    // A copy has a cache of its own, which goes with it.
    if (name === '@tablelab' || name === '.cache') continue;
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  for (const name of workspaces) symlinkSync(join(at, name), join(modules, '@tablelab', name));
}
