import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { errorText } from '@tablelab/shared';
import { parseSync } from 'oxc-parser';
import { commonJsText } from './common-js.ts';
import { resolveImport } from './import-map.ts';

/** A module as a browser gets it. */
export interface ModuleText {
  readonly text: string;
  /** The files that it imports or starts as workers, relative to the root. */
  readonly imports: readonly string[];
}

/** Where a file lies on the site: servers of static files know neither the type of `.ts` nor, some of them, `node_modules`. */
export function sitePathOf(file: string): string {
  return `modules/${file.replace('node_modules/', 'packages/').replace(/\.(ts|mjs)$/, '.js')}`;
}

interface ReadOptions {
  /** Where files lie on the site. */
  readonly place?: (file: string) => string;
  /** Changes the source before its types are removed. */
  readonly edit?: (source: string) => string;
  /** Where the text of a file comes from; by default, from the file. */
  readonly from?: (file: string) => string;
}

/**
 * Reads a module: types are removed, and each import gets the path of its file. An import map would leave the text alone, but no browser
 * applies one in a worker.
 * @throws Error for an import that a browser cannot have, and for a syntax error, with its line
 */
export function readModule(
  root: string,
  file: string,
  { place = sitePathOf, edit = (source) => source, from = (path) => join(root, path) }: ReadOptions = {},
): ModuleText {
  const source = edit(readFileSync(from(file), 'utf8'));
  if (isCommonJs(file, source)) return { text: commonJsText(root, file), imports: [] };
  const text = file.endsWith('.ts') ? withoutTypes(source, from(file)) : source;
  const imports: string[] = [];
  let served = '';
  let end = 0;
  for (const { specifier, start, stop } of specifiersIn(text)) {
    const target = resolveImport(specifier, file, root);
    if (target === undefined) throw new Error(`nothing is served for ${JSON.stringify(specifier)}`);
    imports.push(target);
    const path = relative(dirname(place(file)), place(target));
    served += `${text.slice(end, start)}'${path.startsWith('.') ? path : `./${path}`}'`;
    end = stop;
  }
  return { text: served + text.slice(end), imports };
}

interface Specifier {
  readonly specifier: string;
  /** Of the quoted text. */
  readonly start: number;
  readonly stop: number;
}

/** A worker's file is named by `new URL('./worker.ts', import.meta.url)`. */
const workerFiles = /(?<=new URL\()'(\.[^']+\.ts)'(?=, import\.meta\.url\))/g;

function specifiersIn(text: string): Specifier[] {
  const { staticImports, staticExports } = parseSync('module.js', text).module;
  const requests = [
    ...staticImports.map(({ moduleRequest }) => moduleRequest),
    ...staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest ?? [])),
  ].map(({ value, start, end }) => ({ specifier: value, start, stop: end }));
  const workers = [...text.matchAll(workerFiles)].map(({ 0: quoted, 1: specifier = '', index }) => ({
    specifier,
    start: index,
    stop: index + quoted.length,
  }));
  // `export { a, b } from` has an entry for each name.
  const byStart = new Map([...requests, ...workers].map((one) => [one.start, one]));
  return [...byStart.values()].sort((one, other) => one.start - other.start);
}

function isCommonJs(file: string, source: string): boolean {
  return (
    file.startsWith('node_modules/') && file.endsWith('.js') && /\bmodule\.exports\b|^exports\./m.test(source)
  );
}

/** Node calls this function experimental, and says so on the first call; what it does is what Node itself does to each file. */
function withoutTypes(source: string, file: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(source);
  } catch (cause) {
    throw new Error(syntaxError(source, file) ?? errorText(cause), { cause });
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** The first error, after the line in which it is. */
function syntaxError(source: string, file: string): string | undefined {
  const [first] = parseSync(file, source).errors;
  if (first === undefined) return undefined;
  const start = first.labels[0]?.start ?? 0;
  return `line ${source.slice(0, start).split('\n').length}: ${first.message}`;
}
