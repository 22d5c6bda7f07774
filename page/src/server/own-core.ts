import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { UsageError } from '@tablelab/shared/command-line';
import { coreFile } from './mutant-cores.ts';

const coreFolder = dirname(coreFile);

/** The core that the page plays: that of the checkout, or one that lies elsewhere. */
export class OwnCore {
  /** The folder whose files may change. */
  readonly folder: string;
  /** As messages name it. */
  readonly name: string;
  /** It is not that of the checkout, so the page has both. */
  readonly isElsewhere: boolean;
  readonly #root: string;
  readonly #file: string;

  /**
   * @param path of the file with the class `ChainCore`, relative to the folder in which the command was called
   * @throws UsageError if there is no such file
   */
  constructor(root: string, path?: string) {
    const file = resolve(path ?? join(root, coreFile));
    if (path !== undefined && !isFile(file)) throw new UsageError(`there is no file ${path}`);
    this.#root = root;
    this.#file = file;
    this.folder = dirname(file);
    this.isElsewhere = file !== join(root, coreFile);
    const fromRoot = relative(root, file);
    this.name = fromRoot.startsWith('..') ? (path ?? file) : fromRoot;
  }

  /**
   * Where the text of a file of the checkout comes from. Files of a core elsewhere stand for those of the core's folder with the same names, so it
   * may consist of one file.
   */
  placeOf(file: string): string {
    if (!this.isElsewhere) return join(this.#root, file);
    if (file === coreFile) return this.#file;
    const own = join(this.folder, relative(coreFolder, file));
    return isOfCore(file) && existsSync(own) ? own : join(this.#root, file);
  }

  /** Whether the text of this file is that of the core elsewhere. */
  has(file: string): boolean {
    return this.placeOf(file) !== join(this.#root, file);
  }

  /** The file, as messages name it. */
  shown(file: string): string {
    return this.has(file) ? join(dirname(this.name), basename(this.placeOf(file))) : file;
  }
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

/** Whether a file of the checkout belongs to the core. */
export function isOfCore(file: string): boolean {
  return file.startsWith(`${coreFolder}/`);
}
