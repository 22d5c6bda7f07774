import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { TableError } from '../errors.ts';
import { findZooKeeper, type Places, systemPlaces, type ZooKeeperInstallation } from './find-zookeeper.ts';

/** Downloading a Java runtime over a slow connection takes minutes. */
const installDeadlineMs = 15 * 60_000;

/** How long to wait until another apt-get has finished. */
const packageLockDeadlineSeconds = 300;

/**
 * Finds the ZooKeeper of this machine. If it is missing, installs it, which is possible on Debian and Ubuntu as root or
 * with a sudo that asks for no password.
 * @param say is called before an installation, with a line that says what will be installed
 * @throws TableError NOT_READY when it cannot be installed; the message says how to install it on each system
 */
export function provideZooKeeper(
  say: (line: string) => void,
  places: Places = systemPlaces,
): ZooKeeperInstallation {
  const found = findZooKeeper(places);
  if (found.java && found.classPath) return { java: found.java, classPath: found.classPath };
  const packages = [
    ...(found.classPath ? [] : ['libzookeeper-java']),
    ...(found.java ? [] : ['default-jre-headless']),
  ];
  const prefix = installerPrefix();
  if (prefix === undefined) throw new TableError('NOT_READY', missingText(found.classPath, found.java));
  say(`${describeMissing(found.classPath, found.java)}; installing ${packages.join(' and ')} with apt-get`);
  install(prefix, packages);
  const { java, classPath } = findZooKeeper(places);
  if (java && classPath) return { java, classPath };
  throw new TableError('NOT_READY', `apt-get succeeded, but: ${missingText(classPath, java)}`);
}

/** The command to put before `apt-get`; undefined if packages cannot be installed without a password. */
function installerPrefix(): readonly string[] | undefined {
  if (!existsSync('/usr/bin/apt-get')) return undefined;
  if (process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore', timeout: 10_000 }).status === 0
    ? ['sudo', '-n']
    : undefined;
}

function install(prefix: readonly string[], packages: readonly string[]): void {
  // An old package list may name files that no longer exist. If the update fails, the installation may still work.
  aptGet(prefix, ['update']);
  const { failed, output } = aptGet(prefix, ['install', '-y', '--no-install-recommends', ...packages]);
  if (failed)
    throw new TableError('NOT_READY', `apt-get could not install ${packages.join(' ')}:\n${output}`);
}

function aptGet(prefix: readonly string[], args: readonly string[]): { failed: boolean; output: string } {
  const [command = '', ...rest] = [
    ...prefix,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-q',
    '-o',
    `DPkg::Lock::Timeout=${packageLockDeadlineSeconds}`,
    ...args,
  ];
  const result = spawnSync(command, rest, {
    // Standard input may contain the commands for the client, so nothing else may read it.
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: installDeadlineMs,
    maxBuffer: 64 * 1_048_576,
  });
  const lastLines = `${result.stdout}${result.stderr}`.trimEnd().split('\n').slice(-20).join('\n');
  return {
    failed: result.status !== 0,
    output: result.error ? `${result.error.message}\n${lastLines}` : lastLines,
  };
}

function describeMissing(classPath: unknown, java: unknown): string {
  if (classPath) return 'no Java found';
  return java ? 'no ZooKeeper found' : 'neither ZooKeeper nor Java found';
}

function missingText(classPath: unknown, java: unknown): string {
  return `${describeMissing(classPath, java)}. How to install it:
  Debian, Ubuntu  sudo apt-get install --no-install-recommends libzookeeper-java default-jre-headless
  Fedora          sudo dnf install java-latest-openjdk-headless, then the archive as below
  macOS           brew install zookeeper
  Nix             nix develop, or nix-shell -p zookeeper jdk_headless
  any system      unpack ZooKeeper's own archive and set ZOOKEEPER_HOME to its folder (needs Java 11 or later)
  Docker          docker run --rm -p 2181:2181 zookeeper, then ZOOKEEPER=127.0.0.1:2181 npm start
  elsewhere       set ZOOKEEPER=host:port to use a ZooKeeper that is already running`;
}
