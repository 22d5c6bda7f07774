import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { TableError } from '../errors.ts';
import { ChildProgram } from '../process/child-program.ts';
import { findZooKeeper, type ZooKeeperInstallation } from './find-zookeeper.ts';

export interface ZooKeeperConfiguration {
  /** The port for clients, on the loopback interface. */
  readonly port: number;
  /** ZooKeeper's unit of time: sessions last 2 ticks at least. */
  readonly tickTimeMs: number;
  /** More settings for zoo.cfg. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** The text of logback.xml. Default: print nothing. */
  readonly logging?: string;
}

/** The limits of the session time-outs that tests and programs of this kit can ask for. */
const sessionTimeoutMinMs = 400;
const sessionTimeoutMaxMs = 60_000;

const noLogging = '<configuration><root level="OFF"/></configuration>\n';

/** Where a server keeps its data, if its configuration is in `folder`. */
export function dataFolder(folder: string): string {
  return join(folder, 'data');
}

/** Writes the files that {@link launchZooKeeper} needs into `folder`. */
export async function configureZooKeeper(folder: string, options: ZooKeeperConfiguration): Promise<void> {
  const settings = {
    tickTime: options.tickTimeMs,
    minSessionTimeout: sessionTimeoutMinMs,
    maxSessionTimeout: sessionTimeoutMaxMs,
    maxClientCnxns: 0,
    'admin.enableServer': false,
    '4lw.commands.whitelist': 'ruok,srvr,mntr',
    clientPortAddress: '127.0.0.1',
    clientPort: options.port,
    dataDir: dataFolder(folder),
    ...options.settings,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  await mkdir(dataFolder(folder), { recursive: true });
  await writeFile(join(folder, 'zoo.cfg'), lines.join(''));
  await writeFile(join(folder, 'logback.xml'), options.logging ?? noLogging);
}

/** @param options more Java properties by name, and a folder to remove if this process ends first */
export function launchZooKeeper(
  { java, classPath }: ZooKeeperInstallation,
  folder: string,
  options: {
    readonly properties?: Readonly<Record<string, string | number>>;
    readonly temporaryFolder?: string | undefined;
  } = {},
): ChildProgram {
  const properties = {
    // Tests can lose the data, so there is no need to wait for the disk at each write.
    'zookeeper.forceSync': 'no',
    // The logger in ZooKeeper's own archive prints everything unless it is configured.
    'logback.configurationFile': join(folder, 'logback.xml'),
    ...options.properties,
  };
  const args = [
    '-Xmx64m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
    '-cp',
    classPath.join(delimiter),
    'org.apache.zookeeper.server.quorum.QuorumPeerMain',
    join(folder, 'zoo.cfg'),
  ];
  const { temporaryFolder } = options;
  return new ChildProgram(java, args, temporaryFolder === undefined ? {} : { temporaryFolder });
}

/** @throws TableError NOT_READY when ZooKeeper or Java is not installed */
export function installedZooKeeper(): ZooKeeperInstallation {
  const { java, classPath } = findZooKeeper();
  if (java && classPath) return { java, classPath };
  throw new TableError(
    'NOT_READY',
    'ZooKeeper or Java is not installed; `npm test` and `npm start` install them',
  );
}
