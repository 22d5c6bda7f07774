/**
 * Node's cache of compiled sources (NODE_COMPILE_CACHE). Each test gets a process of its own, and most of the time of a start would go
 * into compiling the same sources: with the cache, a fifth of it is left.
 *
 * The judges write into theirs, because no line of a submission runs there. The processes of submissions can only read one, which the
 * hand-out has filled: so no test can leave anything to the next. It must not be the reference, because an entry contains the source
 * itself. Node finds an entry by the content of a source; what a student has written is compiled as ever.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { type Host, hostCommand } from './remote/host-command.ts';
import type { SandboxKind } from './sandbox.ts';

const fillDeadlineMs = 60_000;

export function judgeCache(): string {
  return join(cacheFolder(), 'compiled-judges');
}

/** Whether the processes of submissions can have a cache: in other sandboxes, one of them could write into it. */
export function hasHostCache(sandbox: SandboxKind): boolean {
  return sandbox === 'bubblewrap';
}

/** The folder of a cache for the processes that run this kit, filled if it is not there; undefined if there can be none. */
export function filledHostCache(host: Omit<Host, 'compiled' | 'filling'>): string | undefined {
  if (!hasHostCache(host.sandbox)) return undefined;
  const folder = join(cacheFolder(), `compiled-${keyOf(host)}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cacheFolder(), { recursive: true });
  const making = mkdtempSync(`${folder}.new-`);
  try {
    // Its user is nobody's.
    chmodSync(making, 0o777);
    const [command = '', ...args] = hostCommand({ ...host, filling: making });
    // Its pipes are at their end, so it ends after it has loaded everything.
    const stdio = ['ignore', 'ignore', 'ignore', 'ignore', 'ignore'] as const;
    spawnSync(command, args, { stdio: [...stdio], timeout: fillDeadlineMs });
    closeFolder(making);
    renameSync(making, folder);
    return folder;
  } catch {
    // It is only about time: another grader may have made the folder meanwhile.
    return existsSync(folder) ? folder : undefined;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/** From now on all can read it, and only this user can change it. */
function closeFolder(folder: string): void {
  for (const entry of [undefined, ...readdirSync(folder, { recursive: true, withFileTypes: true })]) {
    const path = entry === undefined ? folder : join(entry.parentPath, entry.name);
    chmodSync(path, entry?.isFile() ? 0o644 : 0o755);
    if (process.getuid?.() === 0) chownSync(path, 0, 0);
  }
}

function keyOf({ kit, modules, crossing }: Omit<Host, 'compiled' | 'filling'>): string {
  const hash = createHash('sha256').update(JSON.stringify([process.version, modules, crossing]));
  for (const folder of [kit, join(import.meta.dirname, 'remote')]) {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    for (const file of files) hash.update(relative(folder, file)).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}
