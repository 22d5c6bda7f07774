import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TemporaryFolder } from '@tablelab/shared/process';
import type { LockEntry, PackageLock } from './package-lock.ts';

/** What npm must get from the registry, at most, in milliseconds. */
const downloadDeadlineMs = 15 * 60_000;

/** The machines for which a bundle has packages: Linux with glibc. */
const processors = ['x64', 'arm64'];

const folder = 'offline';

/** The sizes of a bundle, in bytes. */
export interface Bundle {
  readonly archive: string;
  readonly archiveBytes: number;
  readonly packages: number;
  readonly packageBytes: number;
}

/**
 * Adds to a hand-out in `out` the packages that npm would download, the pinned Node among them, and a program that installs them without a
 * network; and writes all of it as one archive, `out` with `.tar.gz`. Downloads what is not in npm's cache.
 */
export function addOfflinePackages(out: string): Bundle {
  const lock = JSON.parse(readFileSync(join(out, 'package-lock.json'), 'utf8')) as PackageLock;
  const wanted = Object.entries(lock.packages).filter(([path, entry]) => isNeeded(path, entry));
  const specs = new Map(wanted.map(([path, entry]) => [specOf(path, entry), entry.integrity]));
  const nodeVersion = lock.packages['node_modules/node']?.version;
  const nodes = processors.map((processor) => `node-linux-${processor}@${nodeVersion}`);
  const target = join(out, folder);
  mkdirSync(target);
  const files = download([...specs.keys(), ...nodes], target);
  for (const [spec, integrity] of specs) {
    if (files.get(spec)?.integrity !== integrity)
      throw new Error(`${spec} is not what package-lock.json says`);
  }
  const packages = Object.entries(lock.packages).map(([path, entry]) => {
    const file = files.get(specOf(path, entry))?.file;
    return [path, file === undefined ? entry : { ...entry, resolved: `file:${folder}/${file}` }];
  });
  write(join(target, 'package-lock.json'), json({ ...lock, packages: Object.fromEntries(packages) }));
  // What is in the folder does not belong into a student's repository.
  write(join(target, '.gitignore'), '*\n');
  copyFileSync(join(import.meta.dirname, 'install-offline.sh'), join(out, 'install-offline.sh'));
  const archive = `${out}.tar.gz`;
  execFileSync('tar', ['-C', dirname(out), '-czf', archive, basename(out)]);
  return {
    archive,
    archiveBytes: statSync(archive).size,
    packages: files.size,
    packageBytes: [...files.values()].reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Whether npm downloads it on one of the machines. */
function isNeeded(path: string, { link, os, cpu, libc }: LockEntry): boolean {
  const fits = (list: readonly string[] | undefined, values: readonly string[]) =>
    list === undefined || values.some((value) => list.includes(value));
  return (
    path.includes('node_modules/') &&
    link !== true &&
    fits(os, ['linux']) &&
    fits(cpu, processors) &&
    fits(libc, ['glibc'])
  );
}

/** `name@version`; a package that stands in for another one has its own name in the lock file. */
function specOf(path: string, { name, version }: LockEntry): string {
  return `${name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${version}`;
}

interface Packed {
  readonly file: string;
  readonly integrity: string;
  readonly bytes: number;
}

/** Gets packages, by `name@version`. */
function download(specs: readonly string[], to: string): Map<string, Packed> {
  // npm would run scripts of a package.json in its folder.
  const empty = new TemporaryFolder('tablelab-offline-');
  try {
    const args = ['pack', '--json', '--silent', '--ignore-scripts', '--pack-destination', to, ...specs];
    const output = execFileSync('npm', args, {
      cwd: empty.path,
      encoding: 'utf8',
      timeout: downloadDeadlineMs,
      maxBuffer: 2 ** 28,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const packed = JSON.parse(output) as { id: string; filename: string; integrity: string; size: number }[];
    return new Map(
      packed.map(({ id, filename, integrity, size }) => [
        id,
        // Some versions of npm write the name of a package with its scope, which no file has.
        { file: filename.replace(/^@/, '').replace('/', '-'), integrity, bytes: size },
      ]),
    );
  } finally {
    empty.remove();
  }
}

function write(path: string, text: string): void {
  writeFileSync(path, text);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
