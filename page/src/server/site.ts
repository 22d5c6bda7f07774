import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '@tablelab/shared';
import { type ModuleText, readModule, sitePathOf } from './module-text.ts';
import { coreFile, mutantCores } from './mutant-cores.ts';

export interface SiteFile {
  readonly type: string;
  readonly body: string;
}

/** Where the browser's code begins; workers are found from there. */
const entries = ['page/src/browser/main.ts'];

const documents: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  'index.html': { file: 'page/src/browser/page.html', type: 'text/html; charset=utf-8' },
  'icon.svg': { file: 'page/src/browser/icon.svg', type: 'image/svg+xml' },
  'page.css': { file: 'page/src/browser/page.css', type: 'text/css; charset=utf-8' },
};

/** All files of the page, made from the sources of the checkout at `root`. A file is read again when it has changed. */
export class Site {
  readonly #root: string;
  readonly #modules = new Map<string, { readonly changedAt: number; readonly module: ModuleText }>();

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * The files by their path on the site.
   * @throws Error, with the chain of imports, for an import that a browser cannot have
   */
  files(): Map<string, SiteFile> {
    const files = new Map<string, SiteFile>();
    for (const [path, { file, type }] of Object.entries(documents))
      files.set(path, { type, body: readFileSync(join(this.#root, file), 'utf8') });
    const add = (path: string, body: string) =>
      files.set(path, { type: 'text/javascript; charset=utf-8', body });
    for (const [file, { text }] of this.modulesFrom(entries)) add(sitePathOf(file), text);
    for (const [path, text] of mutantCores(this.#root, this.modulesFrom([coreFile]))) add(path, text);
    return files;
  }

  /** The modules that `roots` need, directly or indirectly, by their path from the root. */
  modulesFrom(roots: readonly string[]): Map<string, ModuleText> {
    const found = new Map<string, ModuleText>();
    /** Who imported a file first. */
    const importers = new Map<string, string | undefined>(roots.map((file) => [file, undefined]));
    for (const file of importers.keys()) {
      const module = this.#read(file, importers);
      found.set(file, module);
      for (const target of module.imports) if (!importers.has(target)) importers.set(target, file);
    }
    return found;
  }

  #read(file: string, importers: ReadonlyMap<string, string | undefined>): ModuleText {
    try {
      const changedAt = statSync(join(this.#root, file)).mtimeMs;
      const known = this.#modules.get(file);
      if (known?.changedAt === changedAt) return known.module;
      const module = readModule(this.#root, file);
      this.#modules.set(file, { changedAt, module });
      return module;
    } catch (cause) {
      const chain: string[] = [];
      for (let one: string | undefined = file; one !== undefined; one = importers.get(one))
        chain.unshift(one);
      throw new Error(`${errorText(cause)}, in ${chain.join(' > ')}`, { cause });
    }
  }
}
