import { lessons } from '@tablelab/part4/sim/lessons';
import { assert, must } from '@tablelab/shared';
// Data of part 4's tests, which the package does not export.
import { mutants } from '../../../part4/test/mutants/mutants.ts';
import { type ModuleText, readModule, sitePathOf } from './module-text.ts';

/** The cores with a mistake that lessons show, each beside the right one. */

export const coreFile = 'part4/src/core/chain-core.ts';

/**
 * The modules of these cores by their path on the site. `modules` are those of the right core; a core with a mistake has its own
 * copy of the module with the mistake, and of those that import it.
 */
export function mutantCores(root: string, modules: ReadonlyMap<string, ModuleText>): Map<string, string> {
  const texts = new Map<string, string>();
  for (const name of new Set(lessons.flatMap(({ mutant }) => mutant ?? []))) {
    const { file, find, replace } = must(
      mutants.find((one) => one.name === name),
      `there is a mutant called ${name}`,
    );
    const broken = `part4/src/${file}`;
    const copied = importersOf(broken, modules);
    assert(copied.has(coreFile), `${broken} is part of the core`);
    const place = (path: string) =>
      copied.has(path) ? sitePathOf(`mutants/${name}/${path}`) : sitePathOf(path);
    const edit = (source: string) => {
      assert(source.split(find).length === 2, `mutant ${name} replaces one place`);
      return source.replace(find, () => replace);
    };
    for (const path of copied) {
      const { text } = readModule(root, path, { place, ...(path === broken ? { edit } : {}) });
      texts.set(place(path), text);
    }
  }
  return texts;
}

/** The module, and all that need it directly or indirectly. */
function importersOf(file: string, modules: ReadonlyMap<string, ModuleText>): Set<string> {
  const found = new Set([file]);
  for (const reached of found) {
    for (const [importer, { imports }] of modules) if (imports.includes(reached)) found.add(importer);
  }
  return found;
}
