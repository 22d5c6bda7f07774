import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the grader keeps what takes long to find out again. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tablelab-grade');
}
