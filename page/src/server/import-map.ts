import { readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';

/**
 * The packages, and the modules of Node, that code in a browser may import, with the file that it gets for each. Nothing else is
 * served, so a new import of a package fails in a test before it fails in a browser.
 */
const files: Readonly<Record<string, string>> = {
  '@preact/signals': 'node_modules/@preact/signals/dist/signals.mjs',
  '@preact/signals-core': 'node_modules/@preact/signals-core/dist/signals-core.mjs',
  'buffer/index.js': 'node_modules/buffer/index.js',
  htm: 'node_modules/htm/dist/htm.mjs',
  'htm/preact': 'node_modules/htm/preact/index.mjs',
  preact: 'node_modules/preact/dist/preact.mjs',
  'preact/hooks': 'node_modules/preact/hooks/dist/hooks.mjs',
  'protobufjs/minimal.js': 'node_modules/protobufjs/minimal.js',
  uplot: 'node_modules/uplot/dist/uPlot.esm.js',
  zod: 'node_modules/zod/index.js',
  'node:zlib': 'page/src/browser/node/zlib.ts',
};

/** Files of packages that the page replaces. */
const replaced: Readonly<Record<string, string>> = {
  'node_modules/zod/v4/locales/index.js': 'page/src/browser/zod-locales.ts',
};

/** The file that `specifier` means in `importer`; undefined if a browser is not to have it. Paths are relative to `root`. */
export function resolveImport(specifier: string, importer: string, root: string): string | undefined {
  if (/^\.{1,2}\//.test(specifier)) {
    const file = normalize(join(importer, '..', specifier));
    return replaced[file] ?? file;
  }
  const [, workspace, path = ''] = /^@tablelab\/([\w-]+)((?:\/[\w-]+)*)$/.exec(specifier) ?? [];
  if (workspace === undefined) return files[specifier];
  const { exports } = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')) as {
    exports: Record<string, string>;
  };
  const file = exports[`.${path}`];
  return file === undefined ? undefined : normalize(join(workspace, file));
}
