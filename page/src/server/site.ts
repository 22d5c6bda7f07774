import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '@tablelab/shared';
import { graphFrom } from './module-graph.ts';
import { type ModuleText, readModule, sitePathOf } from './module-text.ts';
import { coreBeside, coreFile, mutantCores } from './mutant-cores.ts';
import { isOfCore, OwnCore } from './own-core.ts';
import { ruleFiles } from './rule-files.ts';

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

/** What the page is told by the server that serves it; page/src/browser/served.ts reads it. */
interface Served {
  /** The core, as messages name it. */
  readonly core: string;
  /** It lies beside that of the checkout, in the folder `own`. */
  readonly isElsewhere: boolean;
  /** Why the core cannot be loaded. */
  readonly problem?: string;
}

/** Takes the errors of modules of the core, which then are left out; without it, they are thrown. */
type OnProblem = (text: string) => void;

/** All files of the page, made from the sources of the checkout at `root`. A file is read again when it has changed. */
export class Site {
  readonly core: OwnCore;
  readonly #root: string;
  readonly #modules = new Map<string, { readonly changedAt: number; readonly module: ModuleText }>();

  /** @param core the core that is played; default: that of the checkout */
  constructor(root: string, core = new OwnCore(root)) {
    this.#root = root;
    this.core = core;
  }

  /**
   * The files by their path on the site.
   * @throws Error, with the chain of imports, for an import that a browser cannot have, and for one with a syntax error
   */
  files(): Map<string, SiteFile> {
    return this.#files();
  }

  /** The same for a server on this machine: the page shows an error in the core, and is told which core it plays. */
  servedFiles(): Map<string, SiteFile> {
    let problem: string | undefined;
    const files = this.#files((text) => {
      problem ??= text;
    });
    const { name, isElsewhere } = this.core;
    const served: Served = { core: name, isElsewhere, ...(problem === undefined ? {} : { problem }) };
    const { type, body } = files.get('index.html') as SiteFile;
    const meta = `<meta name="served" content="${escaped(JSON.stringify(served))}" />`;
    return files.set('index.html', { type, body: body.replace('</head>', () => `  ${meta}\n  </head>`) });
  }

  #files(onProblem?: OnProblem): Map<string, SiteFile> {
    const files = new Map<string, SiteFile>();
    for (const [path, { file, type }] of Object.entries(documents))
      files.set(path, { type, body: readFileSync(join(this.#root, file), 'utf8') });
    const add = (path: string, body: string) =>
      files.set(path, { type: 'text/javascript; charset=utf-8', body });
    for (const [file, { text }] of this.modulesFrom(entries, onProblem)) add(sitePathOf(file), text);
    for (const [path, file] of ruleFiles(this.#root)) files.set(path, file);
    const besides = [
      () => mutantCores(this.#root, this.modulesFrom([coreFile])),
      ...(this.core.isElsewhere ? [() => this.#coreElsewhere()] : []),
    ];
    for (const beside of besides) {
      try {
        for (const [path, text] of beside()) add(path, text);
      } catch (error) {
        if (onProblem === undefined) throw error;
        onProblem(errorText(error));
      }
    }
    return files;
  }

  #coreElsewhere(): Map<string, string> {
    const from = (file: string) => this.core.placeOf(file);
    const read = (file: string) => {
      try {
        return readModule(this.#root, file, { from });
      } catch (cause) {
        throw new Error(`${this.core.shown(file)}: ${errorText(cause)}`, { cause });
      }
    };
    const modules = graphFrom([coreFile], read);
    const isChanged = (file: string) => this.core.has(file);
    return coreBeside(this.#root, modules, { folder: 'own', isChanged, from });
  }

  /** The modules that `roots` need, directly or indirectly, by their path from the root. */
  modulesFrom(roots: readonly string[], onProblem?: OnProblem): Map<string, ModuleText> {
    return graphFrom(roots, (file, importers) => {
      try {
        return this.#read(file);
      } catch (cause) {
        const text = errorText(cause);
        if (onProblem !== undefined && isOfCore(file)) return void onProblem(`${file}: ${text}`);
        const chain: string[] = [];
        for (let one: string | undefined = file; one !== undefined; one = importers.get(one))
          chain.unshift(one);
        throw new Error(`${text}, in ${chain.join(' > ')}`, { cause });
      }
    });
  }

  #read(file: string): ModuleText {
    const changedAt = statSync(join(this.#root, file)).mtimeMs;
    const known = this.#modules.get(file);
    if (known?.changedAt === changedAt) return known.module;
    const module = readModule(this.#root, file);
    this.#modules.set(file, { changedAt, module });
    return module;
  }
}

/** A value of an attribute in double quotes. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
