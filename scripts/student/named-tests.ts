import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

/**
 * The test files that a name on the command line stands for, relative to `root`: the file itself, or all test files in a folder. The name
 * is relative to the folder in which npm was called, or to the root.
 * @throws Error if there is no such file, or no test file in that folder
 */
export function namedTests(root: string, name: string): string[] {
  const found = [resolve(process.env.INIT_CWD ?? '.', name), resolve(name), join(root, name)].find(
    existsSync,
  );
  if (found === undefined) throw new Error(`there is no part and no test file called ${name}`);
  if (!statSync(found).isDirectory()) return [relative(root, found)];
  const files = readdirSync(found, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.test.ts') && !file.includes('node_modules'),
  );
  if (files.length === 0) throw new Error(`the folder ${name} has no test file (*.test.ts)`);
  return files.sort().map((file) => relative(root, join(found, file)));
}
