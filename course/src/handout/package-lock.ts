/** The part of a package of npm that is needed here. */
export interface PackageJson {
  readonly [field: string]: unknown;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface LockEntry extends PackageJson {
  /** If it differs from that of the folder. */
  readonly name?: string;
  readonly version?: string;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

export interface PackageLock {
  readonly [field: string]: unknown;
  readonly packages: Readonly<Record<string, LockEntry>>;
}

/**
 * The lock file of a hand-out: that of the kit without the packages that the hand-out does not need, in the same versions.
 * @param manifests the `package.json` of the root (`''`) and of each workspace, by folder
 * @param replaced packages that npm's `overrides` replace, each with the one that stands in for it
 */
export function prunedLock(
  kit: PackageLock,
  manifests: Readonly<Record<string, PackageJson>>,
  replaced: Readonly<Record<string, string>>,
): PackageLock {
  const lock = { ...kit, packages: withReplaced(kit.packages, replaced) };
  // The links to the workspaces, also to those that no other one uses: without them, `npm ci` refuses the lock file.
  const links = Object.entries(lock.packages).filter(
    ([, { link, resolved = '' }]) => link === true && resolved in manifests,
  );
  const kept = new Set(links.map(([path]) => path));
  const queue: [from: string, names: string[]][] = [];
  for (const [folder, manifest] of Object.entries(manifests)) {
    kept.add(folder);
    queue.push([folder, [...dependenciesOf(manifest), ...Object.keys(manifest.devDependencies ?? {})]]);
  }
  for (const [from, names] of queue) {
    for (const name of names) {
      const path = placeOf(lock, from, name);
      // A peer or an optional dependency that npm has not installed.
      if (path === undefined || kept.has(path)) continue;
      kept.add(path);
      const entry = lock.packages[path];
      // A workspace; what it needs is in `manifests`.
      if (entry === undefined || entry.link === true) continue;
      queue.push([path, dependenciesOf(entry)]);
    }
  }
  const packages = Object.entries(lock.packages).flatMap(([path, entry]) => {
    if (!kept.has(path)) return [];
    return [[path, path in manifests ? workspaceEntry(entry, manifests[path] ?? {}) : entry]];
  });
  return { ...lock, packages: Object.fromEntries(packages) as PackageLock['packages'] };
}

function withReplaced(
  packages: PackageLock['packages'],
  replaced: Readonly<Record<string, string>>,
): PackageLock['packages'] {
  const entries = Object.entries(packages).flatMap(([path, entry]) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const other = replaced[name];
    // A copy of another version within a package: the one in the root's folder replaces it.
    if (other === name) return path === `node_modules/${name}` ? [[path, entry]] : [];
    if (other === undefined) return [[path, entry]];
    return [[path, { name: other, ...packages[`node_modules/${other}`] }]];
  });
  return Object.fromEntries(entries) as PackageLock['packages'];
}

/** Where Node finds a package: in the `node_modules` of a folder, or of one above it. */
function placeOf({ packages }: PackageLock, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = parentOf(folder)) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (path in packages) return path;
    if (folder === '') return undefined;
  }
}

/** The package in whose `node_modules` a package lies; the root for all others. */
function parentOf(path: string): string {
  const end = path.lastIndexOf('/node_modules/');
  return end === -1 ? '' : path.slice(0, end);
}

function dependenciesOf({ dependencies, optionalDependencies, peerDependencies }: PackageJson): string[] {
  return Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
}

/** What a lock file repeats of a workspace's `package.json`. */
function workspaceEntry(entry: LockEntry, manifest: PackageJson): LockEntry {
  const repeated = ['workspaces', 'dependencies', 'devDependencies'];
  const rest = Object.entries(entry).filter(([field]) => !repeated.includes(field));
  const now = repeated.flatMap((field) => (manifest[field] === undefined ? [] : [[field, manifest[field]]]));
  return Object.fromEntries([...rest, ...now]) as LockEntry;
}
