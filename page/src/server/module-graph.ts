import type { ModuleText } from './module-text.ts';

/** Who imported a file first. */
type Importers = ReadonlyMap<string, string | undefined>;

/** The modules that `roots` need, by their path. `read` returns undefined for a module that is left out. */
export function graphFrom(
  roots: readonly string[],
  read: (file: string, importers: Importers) => ModuleText | undefined,
): Map<string, ModuleText> {
  const found = new Map<string, ModuleText>();
  const importers = new Map<string, string | undefined>(roots.map((file) => [file, undefined]));
  for (const file of importers.keys()) {
    const module = read(file, importers);
    if (module === undefined) continue;
    found.set(file, module);
    for (const target of module.imports) if (!importers.has(target)) importers.set(target, file);
  }
  return found;
}
