import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { lessons } from '@tablelab/part4/sim/lessons';
import { assert, must } from '@tablelab/shared';
import { type ModuleText, readModule, sitePathOf } from './module-text.ts';

/** Cores that stand beside the right one: those with a mistake that lessons show, and one that a student has elsewhere. */

export const coreFile = 'part4/src/core/chain-core.ts';

/** Data of part 4's tests. They name the lines of the solution, so a hand-out is without them. */
interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const mutantsFile = join(import.meta.dirname, '../../../part4/test/mutants/mutants.ts');
const { mutants } = existsSync(mutantsFile)
  ? ((await import(mutantsFile)) as { readonly mutants: readonly Mutant[] })
  : { mutants: undefined };

type Modules = ReadonlyMap<string, ModuleText>;

/**
 * The modules of the cores with a mistake, by their path on the site. `modules` are those of the right core. None where the mistakes are
 * not there.
 */
export function mutantCores(root: string, modules: Modules): Map<string, string> {
  const texts = new Map<string, string>();
  if (mutants === undefined) return texts;
  for (const name of new Set(lessons.flatMap(({ mutant }) => mutant ?? []))) {
    const { file, find, replace } = must(
      mutants.find((one) => one.name === name),
      `there is a mutant called ${name}`,
    );
    const broken = `part4/src/${file}`;
    const edit = (path: string, source: string) => {
      if (path !== broken) return source;
      assert(source.split(find).length === 2, `mutant ${name} replaces one place`);
      return source.replace(find, () => replace);
    };
    const options = { folder: `mutants/${name}`, isChanged: (path: string) => path === broken, edit };
    for (const [path, text] of coreBeside(root, modules, options)) texts.set(path, text);
  }
  return texts;
}

interface CoreOptions {
  /** On the site. */
  readonly folder: string;
  readonly isChanged: (path: string) => boolean;
  readonly edit?: (path: string, source: string) => string;
  /** See {@link readModule}. */
  readonly from?: (path: string) => string;
}

/**
 * The modules of another core, by their path on the site. It has copies of its own of the modules that differ, and of those that import them;
 * the others are those of the right core.
 * @param modules those of the core, whose imports say what is copied
 */
export function coreBeside(
  root: string,
  modules: Modules,
  { folder, isChanged, edit = (_, source) => source, from }: CoreOptions,
): Map<string, string> {
  const copied = importersOf([...modules.keys()].filter(isChanged), modules);
  assert(copied.has(coreFile), `what differs in ${folder} is part of the core`);
  const place = (path: string) => sitePathOf(copied.has(path) ? `${folder}/${path}` : path);
  const texts = new Map<string, string>();
  for (const path of copied) {
    const options = { place, edit: (source: string) => edit(path, source), ...(from && { from }) };
    texts.set(place(path), readModule(root, path, options).text);
  }
  return texts;
}

/** The modules, and all that need them directly or indirectly. */
function importersOf(files: readonly string[], modules: Modules): Set<string> {
  const found = new Set(files);
  for (const reached of found) {
    for (const [importer, { imports }] of modules) if (imports.includes(reached)) found.add(importer);
  }
  return found;
}
