import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PackageJson, type PackageLock, prunedLock } from './package-lock.ts';

/** What a student's tools need; the other packages are for the kit's makers. */
const packagesKept = ['@tablelab/shared', '@types/node', 'node', 'tap', 'tap-parser', 'typescript'];

/**
 * Tap's own program, and what builds its plugins, take 150 MB. A hand-out runs each test file with Node, and the library that tests import
 * loads neither. So npm installs a tiny package in their place, and only one TypeScript.
 */
const standIn = 'events-to-array';
const replaced = { '@tapjs/run': standIn, tshy: standIn, typescript: 'typescript' };

/** The root's files that say what npm installs and which commands there are, for a hand-out with these workspaces. */
export function packageFiles(root: string, part: number): Readonly<Record<string, string>> {
  const parts = ['shared', ...Array.from({ length: part }, (_, index) => `part${index + 1}`)];
  const workspaces = part === 4 ? [...parts, 'page'] : parts;
  const kit = read(root, 'package.json') as PackageJson & { scripts: Record<string, string> };
  const versions = kit.devDependencies ?? {};
  const devDependencies = Object.fromEntries(packagesKept.map((name) => [name, versions[name] ?? '*']));
  const biome = `npx --yes @biomejs/biome@${versions['@biomejs/biome']}`;
  const program = (name: string) => `exec node scripts/bootstrap.mjs ${name}`;
  const scripts = {
    test: program('test'),
    watch: program('watch'),
    progress: program('progress'),
    types: 'tsc --noEmit',
    // Biome takes 100 MB, so npm fetches it the first time that it is used.
    lint: `${biome} lint --error-on-warnings .`,
    format: `${biome} format --write .`,
    ...(part === 4 ? { start: program('start'), sim: program('sim'), page: program('page') } : {}),
  };
  const rest = Object.entries(kit).filter(
    ([field]) => !['workspaces', 'scripts', 'devDependencies'].includes(field),
  );
  const lockOfKit = read(root, 'package-lock.json') as unknown as PackageLock;
  const standInVersion = lockOfKit.packages[`node_modules/${standIn}`]?.version;
  const overrides = Object.fromEntries(
    Object.entries(replaced).map(([name, other]) => [
      name,
      name === other ? `$${name}` : `npm:${other}@${standInVersion}`,
    ]),
  );
  const manifest = { ...Object.fromEntries(rest), workspaces, scripts, devDependencies, overrides };
  const manifests = {
    '': manifest,
    ...Object.fromEntries(parts.map((name) => [name, read(root, `${name}/package.json`)])),
    ...(part === 4 ? { page: pageManifest(root) } : {}),
  };
  const lock = prunedLock(lockOfKit, manifests, replaced);
  const types = read(root, 'tsconfig.json');
  return {
    'package.json': json(manifest),
    'package-lock.json': json(lock),
    'biome.json': json(withoutRule(read(root, 'biome.json'))),
    // What runs in a browser has other globals, and is given.
    'tsconfig.json': json({
      ...types,
      include: ['scripts', ...parts, ...(part === 4 ? ['page/src/server', 'page/src/programs'] : [])],
    }),
    ...(part === 4 ? { 'page/package.json': json(pageManifest(root)) } : {}),
  };
}

/** The page's tests, which drive a browser, do not go out. */
const pageTestPackages = ['axe-core', 'playwright-core', 'tap'];

function pageManifest(root: string): PackageJson {
  const { scripts: _, devDependencies = {}, ...manifest } = read(root, 'page/package.json');
  const needed = Object.entries(devDependencies).filter(([name]) => !pageTestPackages.includes(name));
  return { ...manifest, devDependencies: Object.fromEntries(needed) };
}

/** A stub uses none of its parameters. */
function withoutRule(biome: PackageJson): PackageJson {
  const { linter } = biome as unknown as { linter: { rules: { correctness: Record<string, unknown> } } };
  linter.rules.correctness.noUnusedFunctionParameters = 'off';
  return biome;
}

function read(root: string, file: string): PackageJson {
  return JSON.parse(readFileSync(join(root, file), 'utf8')) as PackageJson;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
