import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourcesOf } from '@tablelab/shared/sources';
import type { FileResult } from './test-results.ts';

interface Stored {
  readonly digest: string;
  readonly result: FileResult;
}

/**
 * The last results of the test files, so that `npm run progress` runs only those that a change has touched. A result counts as long as
 * neither the test file nor anything that it imports has changed.
 */
export class ResultsStore {
  readonly #root: string;
  readonly #path: string;
  readonly #stored: Record<string, Stored>;

  constructor(root: string) {
    this.#root = root;
    this.#path = join(root, 'node_modules/.tablelab-results.json');
    this.#stored = existsSync(this.#path) ? JSON.parse(readFileSync(this.#path, 'utf8')) : {};
  }

  get(file: string): FileResult | undefined {
    const stored = this.#stored[file];
    return stored?.digest === this.#digestOf(file) ? stored.result : undefined;
  }

  set(result: FileResult): void {
    this.#stored[result.file] = { digest: this.#digestOf(result.file), result };
    writeFileSync(this.#path, JSON.stringify(this.#stored));
  }

  #digestOf(file: string): string {
    const hash = createHash('sha256');
    for (const source of sourcesOf(this.#root, file).sort()) {
      hash
        .update(source)
        .update('\0')
        .update(readFileSync(join(this.#root, source)))
        .update('\0');
    }
    return hash.digest('hex');
  }
}
