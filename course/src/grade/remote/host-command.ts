/** The command that runs `host.ts` in a sandbox. */
import { copyFileSync, linkSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Limits, type SandboxKind, sandboxed, userOf } from '../sandbox.ts';
import type { Crossing } from './codec.ts';

export interface Host {
  /** The folder with the submission laid over the hand-out: the root of a kit. */
  readonly kit: string;
  /** The modules whose exports are called, relative to the kit. */
  readonly modules: readonly string[];
  readonly crossing: Crossing;
  /** Whether the student's code also works between calls, in an event loop, and in the network that the judge has. */
  readonly hasEvents: boolean;
  readonly sandbox: SandboxKind;
  readonly limits: Limits;
  /** Of the random numbers of the student's code; undefined: they are the system's. */
  readonly seed?: number | undefined;
  /** The folder of a filled cache of compiled sources, see `compiled.ts`. */
  readonly compiled?: string | undefined;
  /** A folder in which such a cache is made; no submission may run then. */
  readonly filling?: string;
  /** Its number among the processes of this grader: each has a user of its own. */
  readonly number?: number;
}

const hostFolder = import.meta.dirname;

/** Also of the host itself where there is no sandbox. */
export const hostEnvironment = { PATH: '/usr/bin:/bin', HOME: '/tmp', LANG: 'C.UTF-8' };

/** One thread collects garbage: the others would compete with the judge for one processor. */
const nodeOptions = ['--max-old-space-size=512', '--single-threaded-gc'];

/** The host and what it imports. */
const hostFiles = [
  'host.ts',
  'peer.ts',
  'codec.ts',
  'copied-values.ts',
  'frame-pipe.ts',
  'shared-objects.ts',
  'remote-objects.ts',
  'seeded-randomness.ts',
];

export const kitFolder = '/kit';
export const nodeFile = '/node';

/** Where the student's process sees the kit. */
export function kitInSandbox({ sandbox, kit }: Pick<Host, 'sandbox' | 'kit'>): string {
  return sandbox === 'bubblewrap' ? kitFolder : kit;
}

const cachePath = '/compiled';

export function hostCommand(options: Host): string[] {
  const { kit, modules, crossing, hasEvents, sandbox, limits, seed, compiled, filling } = options;
  const isMounted = sandbox === 'bubblewrap';
  // Another user can read neither the grader's folder nor, perhaps, its Node.
  const own = sandbox === 'user' ? readableHost(kit) : { folder: hostFolder, node: process.execPath };
  const node = isMounted ? nodeFile : own.node;
  const host = isMounted ? '/host/host.ts' : join(own.folder, 'host.ts');
  const user = userOf(options.number);
  const hasCache = compiled !== undefined || filling !== undefined;
  return sandboxed({
    kind: sandbox,
    mounts: [
      { from: kit, to: kitFolder },
      ...hostFiles.map((file) => ({ from: join(hostFolder, file), to: `/host/${file}` })),
      { from: join(hostFolder, '../../../package.json'), to: '/host/package.json' },
      { from: process.execPath, to: node },
      ...(compiled === undefined ? [] : cacheMounts(compiled, user)),
      ...(filling === undefined ? [] : [{ from: filling, to: cachePath, isWritable: true }]),
    ],
    command: [
      node,
      ...nodeOptions,
      // For `Math.random`.
      ...(seed === undefined ? [] : [`--random-seed=${seed}`]),
      host,
      hasEvents && filling === undefined ? 'events' : 'calls',
      crossing,
      kitInSandbox(options),
      seed === undefined ? '' : String(seed),
      ...modules,
    ],
    env: hasCache ? { ...hostEnvironment, NODE_COMPILE_CACHE: cachePath } : hostEnvironment,
    limits,
    user,
    hasNetwork: hasEvents,
  });
}

/** The host beside the kit, where the user of the sandbox can read it: a copy. */
function readableHost(kit: string): { folder: string; node: string } {
  const folder = join(dirname(kit), 'host');
  return { folder, node: join(folder, 'node') };
}

/** Makes the host that a sandbox of the kind `user` runs, in a folder that all can enter. */
export function layReadableHost(work: string): void {
  const { folder, node } = readableHost(join(work, 'kit'));
  mkdirSync(folder);
  for (const file of hostFiles) copyFileSync(join(hostFolder, file), join(folder, file));
  copyFileSync(join(hostFolder, '../../../package.json'), join(folder, 'package.json'));
  try {
    linkSync(process.execPath, node);
  } catch {
    // It lies on another file system.
    copyFileSync(process.execPath, node);
  }
}

/** Node has a folder for each user in it, whose name ends with the user's number. */
function cacheMounts(compiled: string, user: number): { from: string; to: string }[] {
  const number = process.getuid?.() === 0 ? user : process.getuid?.();
  return readdirSync(compiled).map((name) => ({
    from: join(compiled, name),
    to: `${cachePath}/${name.replace(/-\d+$/, `-${number}`)}`,
  }));
}
