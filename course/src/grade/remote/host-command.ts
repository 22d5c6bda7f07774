/** The command that runs `host.ts` in a sandbox. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
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
  /** The folder of a filled cache of compiled sources, see `compiled.ts`. */
  readonly compiled?: string | undefined;
  /** A folder in which such a cache is made; only the reference may run then. */
  readonly filling?: string;
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
];

export const kitFolder = '/kit';
export const nodeFile = '/node';

/** Where the student's process sees the kit. */
export function kitInSandbox({ sandbox, kit }: Pick<Host, 'sandbox' | 'kit'>): string {
  return sandbox === 'bubblewrap' ? kitFolder : kit;
}

const cachePath = '/compiled';

export function hostCommand(options: Host): string[] {
  const { kit, modules, crossing, hasEvents, sandbox, limits, compiled, filling } = options;
  const isMounted = sandbox === 'bubblewrap';
  const node = isMounted ? nodeFile : process.execPath;
  const host = isMounted ? '/host/host.ts' : join(hostFolder, 'host.ts');
  const user = userOf(process.pid);
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
      host,
      hasEvents && filling === undefined ? 'events' : 'calls',
      crossing,
      kitInSandbox(options),
      ...modules,
    ],
    env: hasCache ? { ...hostEnvironment, NODE_COMPILE_CACHE: cachePath } : hostEnvironment,
    limits,
    user,
    hasNetwork: hasEvents,
  });
}

/** Node has a folder for each user in it, whose name ends with the user's number. */
function cacheMounts(compiled: string, user: number): { from: string; to: string }[] {
  const number = process.getuid?.() === 0 ? user : process.getuid?.();
  return readdirSync(compiled).map((name) => ({
    from: join(compiled, name),
    to: `${cachePath}/${name.replace(/-\d+$/, `-${number}`)}`,
  }));
}
