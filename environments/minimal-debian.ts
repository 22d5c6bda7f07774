import { existsSync, lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.ts';

const deadlineMs = 600_000;

/**
 * The path of a tar archive of the smallest Debian that has apt. It has this machine's release and comes from the mirror of
 * this machine's own packages. It takes a minute to make, once, and is kept in a temporary folder of this user. Needs root
 * and debootstrap.
 */
export async function minimalDebian(): Promise<string> {
  const { suite, components, mirror } = await debianOfThisMachine();
  if (components.length === 0)
    throw new Error(`apt has no package list of ${suite}; run apt-get update first`);
  const cache = ownFolder(join(tmpdir(), `tablelab-cache-${process.getuid?.()}`));
  const archive = join(cache, `debian-${suite}-minbase.tar`);
  if (existsSync(archive)) return archive;
  const work = mkdtempSync(join(cache, 'debootstrap-'));
  try {
    const tree = join(work, 'tree');
    const options = ['--variant=minbase', `--components=${components.join()}`];
    await run('debootstrap', [...options, suite, tree, ...mirror], { deadlineMs });
    // The downloaded packages are installed already.
    rmSync(join(tree, 'var/cache/apt/archives'), { recursive: true, force: true });
    await run('tar', ['-C', tree, '-cf', join(work, 'tar'), '.'], { deadlineMs });
    renameSync(join(work, 'tar'), archive);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return archive;
}

interface DebianSource {
  readonly suite: string;
  readonly components: readonly string[];
  /** Empty: debootstrap uses its default. */
  readonly mirror: readonly string[];
}

async function debianOfThisMachine(): Promise<DebianSource> {
  const release = await run('sh', ['-c', '. /etc/os-release; echo "$ID $VERSION_CODENAME"'], { deadlineMs });
  const [distribution = '', suite = ''] = release.trim().split(' ');
  const format = '$(CODENAME) $(COMPONENT) $(REPO_URI) $(ORIGIN)';
  const targets = await run('apt-get', ['indextargets', '--format', format], { deadlineMs });
  return debianSource({ distribution, suite }, targets);
}

/**
 * From where apt gets the packages of a release.
 * @param targets a line for each of apt's indexes: codename, component, URI, origin. Indexes of other origins (Docker,
 * Microsoft) may have the same codename.
 */
export function debianSource(
  { distribution, suite }: { distribution: string; suite: string },
  targets: string,
): DebianSource {
  const sources = targets
    .split('\n')
    .map((line) => /^(\S+) (\S+) (\S+) (.+)$/.exec(line)?.slice(1) ?? [])
    .filter(([codename, , , origin]) => codename === suite && origin?.toLowerCase() === distribution);
  const mirrors = sources.map(([, , uri = '']) => uri).filter((uri) => /^https?:/.test(uri));
  return {
    suite,
    components: [...new Set(sources.map(([, component = '']) => component))],
    mirror: mirrors.slice(0, 1),
  };
}

/** Makes a folder whose name other users can guess, and ensures that it belongs to this user alone. */
function ownFolder(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0)
    throw new Error(`${folder} belongs to another user, or others may write to it`);
  return folder;
}
