import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

/**
 * The path of a test file that was named on the command line, relative to `root`. The name is relative to the folder in which npm
 * was called, or to the root.
 * @throws Error if there is no such file
 */
export function existingFile(root: string, name: string): string {
  const found = [resolve(process.env.INIT_CWD ?? '.', name), resolve(name), join(root, name)].find(
    existsSync,
  );
  if (found === undefined) throw new Error(`there is no part and no test file called ${name}`);
  return relative(root, found);
}
