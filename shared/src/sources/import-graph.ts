import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** What a file imports, loads or starts: files named relative to it. */
const relativeFiles = /['"`](\.{1,2}\/[^'"`\s]+)['"`]/g;

/** The same without a dot in front. */
const urlsBeside = /new URL\(\s*['"`]([^'"`:\s]+)['"`]/g;

/** A file that is named by its path from the repository's folder. */
const filesFromRoot = /['"`/]((?:part\d|shared|scripts)\/[\w/.-]+\.\w+)['"`]/g;

const packagesOfKit = /['"`]@tablelab\/([\w-]+)((?:\/[\w-]+)*)['"`]/g;

/**
 * The files of the kit that a file names, and so may import, load or start. Paths are relative to the root. It is a search in the
 * text, which takes a millisecond: a name in a comment counts, too.
 */
export function importsOf(root: string, file: string): string[] {
  if (!/\.(ts|mjs)$/.test(file)) return [];
  const text = readFileSync(join(root, file), 'utf8');
  const named = [
    ...[...text.matchAll(relativeFiles), ...text.matchAll(urlsBeside)].map(([, name = '']) =>
      normalize(join(dirname(file), name)),
    ),
    ...[...text.matchAll(filesFromRoot)].map(([, name = '']) => name),
    ...[...text.matchAll(packagesOfKit)].map(([, workspace = '', path = '']) =>
      exportOf(root, workspace, `.${path}`),
    ),
  ];
  return [...new Set(named)].filter((name) => name !== file && isFile(join(root, name)));
}

/** A file and all that it imports, directly or indirectly, as far as `follow` allows: the nearest first. */
export function sourcesOf(
  root: string,
  file: string,
  follow: (file: string) => boolean = () => true,
): string[] {
  const found = new Set<string>([file]);
  for (const one of found) {
    for (const target of importsOf(root, one)) if (follow(target)) found.add(target);
  }
  return [...found];
}

function exportOf(root: string, workspace: string, path: string): string {
  const manifest = join(root, workspace, 'package.json');
  if (!existsSync(manifest)) return '';
  const { exports = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as { exports?: Record<string, string> };
  return normalize(join(workspace, exports[path] ?? ''));
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
