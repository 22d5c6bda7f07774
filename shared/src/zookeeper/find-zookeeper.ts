import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { TableError } from '../errors.ts';

/** An installation of ZooKeeper: the `java` program and the entries of the class path. */
export interface ZooKeeperInstallation {
  readonly java: string;
  readonly classPath: readonly string[];
}

/** The places to search. Tests use other folders. */
export interface Places {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder in which Debian's packages install jars. */
  readonly debianJarFolder: string;
  /** More folders to search for Java: Homebrew installs it outside of PATH. */
  readonly javaFolders: readonly string[];
}

export const systemPlaces: Places = {
  env: process.env,
  debianJarFolder: '/usr/share/java',
  javaFolders: ['/opt/homebrew/opt/openjdk/bin', '/usr/local/opt/openjdk/bin'],
};

/** The two parts of an installation; undefined if a part is missing. */
export interface Found {
  readonly java: string | undefined;
  readonly classPath: readonly string[] | undefined;
}

/**
 * Looks for ZooKeeper under ZOOKEEPER_HOME, beside the zkServer on PATH, and in Debian's folder, in this order. Looks for
 * Java under JAVA_HOME, on PATH, and in Homebrew's folders. Installs nothing and runs nothing.
 * @throws TableError BAD_REQUEST when ZOOKEEPER_HOME or JAVA_HOME is set but does not contain it. Then another
 * installation would not be the one that the user asked for.
 */
export function findZooKeeper(places: Places = systemPlaces): Found {
  return { java: findJava(places), classPath: findClassPath(places) };
}

function findClassPath({ env, debianJarFolder }: Places): readonly string[] | undefined {
  const home = env.ZOOKEEPER_HOME;
  if (home) {
    const classPath = classPathUnder(home);
    if (classPath) return classPath;
    throw new TableError(
      'BAD_REQUEST',
      `ZOOKEEPER_HOME=${home} contains no ZooKeeper (no lib/zookeeper-*.jar)`,
    );
  }
  for (const folder of foldersOnPath(env)) {
    for (const name of ['zkServer.sh', 'zkServer']) {
      const script = join(folder, name);
      // The script is often a link into ZooKeeper's folder.
      const classPath = existsSync(script)
        ? classPathUnder(dirname(dirname(realpathSync(script))))
        : undefined;
      if (classPath) return classPath;
    }
  }
  return debianClassPath(debianJarFolder);
}

/** Finds ZooKeeper's jars in the layouts of its own archive, Homebrew, Nix and Debian. */
function classPathUnder(home: string): readonly string[] | undefined {
  for (const folder of [join(home, 'lib'), join(home, 'libexec', 'lib')]) {
    const jars = jarsIn(folder);
    if (jars.some((jar) => /^zookeeper-\d.*\.jar$/.test(jar))) return jars.map((jar) => join(folder, jar));
  }
  return (
    debianClassPath(home) ?? debianClassPath(join(home, 'java')) ?? debianClassPath(join(home, '..', 'java'))
  );
}

function debianClassPath(folder: string): readonly string[] | undefined {
  // The jar's manifest names the other jars that it needs. The added logging back end prints nothing.
  const paths = ['zookeeper.jar', 'slf4j-nop.jar'].map((jar) => join(folder, jar));
  return paths.every((path) => existsSync(path)) ? paths : undefined;
}

function findJava({ env, javaFolders }: Places): string | undefined {
  const home = env.JAVA_HOME;
  if (home) {
    const java = join(home, 'bin', 'java');
    if (existsSync(java)) return java;
    throw new TableError('BAD_REQUEST', `JAVA_HOME=${home} contains no Java (no bin/java)`);
  }
  return [...foldersOnPath(env), ...javaFolders]
    .map((folder) => join(folder, 'java'))
    .find((java) => existsSync(java) && !isPlaceholder(java));
}

/** On macOS, /usr/bin/java only prints where to get Java. */
function isPlaceholder(java: string): boolean {
  return process.platform === 'darwin' && java === '/usr/bin/java';
}

function foldersOnPath(env: Places['env']): string[] {
  return (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
}

function jarsIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jar')) : [];
}
