import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { TableError } from '../errors.ts';

/** What is needed to run a ZooKeeper: Java's launcher and the entries of its class path. */
export interface ZooKeeperInstallation {
  readonly java: string;
  readonly classPath: readonly string[];
}

/** Where to look. A test gives folders of its own. */
export interface Places {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where Debian's packages put their jars. */
  readonly debianJarFolder: string;
  /** Homebrew puts Java where PATH does not name it. */
  readonly javaFolders: readonly string[];
}

export const systemPlaces: Places = {
  env: process.env,
  debianJarFolder: '/usr/share/java',
  javaFolders: ['/opt/homebrew/opt/openjdk/bin', '/usr/local/opt/openjdk/bin'],
};

/** The two halves of an installation; undefined where one is missing. */
export interface Found {
  readonly java: string | undefined;
  readonly classPath: readonly string[] | undefined;
}

/**
 * Looks for ZooKeeper under ZOOKEEPER_HOME, beside the zkServer on PATH, and in Debian's place, in this order; for
 * Java under JAVA_HOME, on PATH, and in Homebrew's place. Installs nothing and runs nothing.
 * @throws TableError BAD_REQUEST when ZOOKEEPER_HOME or JAVA_HOME is set and holds none: better than to use
 * another one than the one asked for.
 */
export function findZooKeeper(places: Places = systemPlaces): Found {
  return { java: findJava(places), classPath: findClassPath(places) };
}

function findClassPath({ env, debianJarFolder }: Places): readonly string[] | undefined {
  const home = env.ZOOKEEPER_HOME;
  if (home) {
    const classPath = classPathUnder(home);
    if (classPath) return classPath;
    throw new TableError('BAD_REQUEST', `ZOOKEEPER_HOME=${home} holds no ZooKeeper (no lib/zookeeper-*.jar)`);
  }
  for (const folder of foldersOnPath(env)) {
    for (const name of ['zkServer.sh', 'zkServer']) {
      const script = join(folder, name);
      // The script is often a link into the place where the rest of ZooKeeper lies.
      const classPath = existsSync(script)
        ? classPathUnder(dirname(dirname(realpathSync(script))))
        : undefined;
      if (classPath) return classPath;
    }
  }
  return debianClassPath(debianJarFolder);
}

/** ZooKeeper's jars in the layout of its own archive, Homebrew's, Nix's or Debian's. */
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
  // The jar's manifest names the other jars it needs; of the logging back ends only one that is silent is added.
  const paths = ['zookeeper.jar', 'slf4j-nop.jar'].map((jar) => join(folder, jar));
  return paths.every((path) => existsSync(path)) ? paths : undefined;
}

function findJava({ env, javaFolders }: Places): string | undefined {
  const home = env.JAVA_HOME;
  if (home) {
    const java = join(home, 'bin', 'java');
    if (existsSync(java)) return java;
    throw new TableError('BAD_REQUEST', `JAVA_HOME=${home} holds no Java (no bin/java)`);
  }
  return [...foldersOnPath(env), ...javaFolders]
    .map((folder) => join(folder, 'java'))
    .find((java) => existsSync(java) && !isPlaceholder(java));
}

/** macOS has a /usr/bin/java that only says where to get one. */
function isPlaceholder(java: string): boolean {
  return process.platform === 'darwin' && java === '/usr/bin/java';
}

function foldersOnPath(env: Places['env']): string[] {
  return (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
}

function jarsIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jar')) : [];
}
