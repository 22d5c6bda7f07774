import { existsSync, lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.ts';

const deadlineMs = 600_000;

/**
 * The path of an archive (tar) of the smallest Debian that has apt, of this machine's release and from the place where
 * this machine's own packages come from. Made once (a minute), and kept in a temporary folder that is this user's alone.
 * Needs root and debootstrap.
 */
export async function minimalDebian(): Promise<string> {
  const { suite, components, mirror } = await debianOfThisMachine();
  const cache = ownFolder(join(tmpdir(), `tablelab-cache-${process.getuid?.()}`));
  const archive = join(cache, `debian-${suite}-minbase.tar`);
  if (existsSync(archive)) return archive;
  const work = mkdtempSync(join(cache, 'debootstrap-'));
  try {
    const tree = join(work, 'tree');
    const options = ['--variant=minbase', `--components=${components.join()}`];
    await run('debootstrap', [...options, suite, tree, ...mirror], { deadlineMs });
    // What apt-get has fetched is of no use any more.
    rmSync(join(tree, 'var/cache/apt/archives'), { recursive: true, force: true });
    await run('tar', ['-C', tree, '-cf', join(work, 'tar'), '.'], { deadlineMs });
    renameSync(join(work, 'tar'), archive);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return archive;
}

/** Where apt gets the packages of this machine's release. No mirror: debootstrap knows one of its own. */
async function debianOfThisMachine(): Promise<{ suite: string; components: string[]; mirror: string[] }> {
  const suite = (
    await run('sh', ['-c', '. /etc/os-release; echo "$VERSION_CODENAME"'], { deadlineMs })
  ).trim();
  const format = '$(CODENAME) $(COMPONENT) $(REPO_URI)';
  const lines = (await run('apt-get', ['indextargets', '--format', format], { deadlineMs })).split('\n');
  const sources = lines.map((line) => line.split(' ')).filter(([codename]) => codename === suite);
  const components = [...new Set(sources.map(([, component]) => component ?? ''))];
  if (components.length === 0)
    throw new Error(`apt knows no source of ${suite}; apt-get update has to run first`);
  return {
    suite,
    components,
    mirror: sources
      .map(([, , uri]) => uri ?? '')
      .filter((uri) => /^https?:/.test(uri))
      .slice(0, 1),
  };
}

/** A folder under a name that others may guess: it must not be theirs, or what is in it would be. */
function ownFolder(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0)
    throw new Error(`${folder} belongs to somebody else`);
  return folder;
}
