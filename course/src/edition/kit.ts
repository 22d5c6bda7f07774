import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { UsageError } from '@tablelab/shared/command-line';
import { trackedFiles } from '../handout/contents.ts';
import { linkModules } from '../linked-modules.ts';
import { chooseEdition, type Edition } from './choose.ts';
import { loadEditionTable } from './table.ts';
import { transformKit } from './transform.ts';

const workspaces = ['shared', 'part1', 'part2', 'part3', 'part4', 'course'];
const textFile = /\.(ts|mjs|md|proto|yaml|json|sh)$/;
const notChanged = /^(package-lock\.json|course\/(src|test)\/)/;
/** In a kit of an edition: what it was made from. It is written last. */
const stampName = '.edition-of';

/** The kit of an edition. */
export interface EditionKit {
  readonly edition: Edition;
  /** Its root. */
  readonly root: string;
}

/**
 * The kit of the edition with that name. It is made once in the user's cache, in a folder that stays the same, and again when the kit has
 * changed: the grader's measurements belong to a folder.
 * @throws UsageError for a name with other characters than letters, digits, `-`, `_` and `.`
 */
export function editionKit(root: string, name: string): EditionKit {
  if (!/^[\w.-]{1,40}$/.test(name) || !/\w/.test(name))
    throw new UsageError(
      `an edition's name has up to 40 letters, digits, and characters of "-_.", not "${name}"`,
    );
  const edition = chooseEdition(name, loadEditionTable(root));
  const files = trackedFiles(root).filter((file) => existsSync(join(root, file)));
  const stamp = digestOf(root, files);
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tablelab-editions');
  const folder = join(cache, `${name}-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`);
  const isMade = () =>
    existsSync(join(folder, stampName)) && readFileSync(join(folder, stampName), 'utf8') === stamp;
  if (isMade()) return { edition, root: folder };
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'new-'));
  try {
    copyKit(root, files, work);
    linkModules({ root, copy: work, workspaces, at: folder });
    // The names of the table's places are the kit's own, and so are those in the code that changes them.
    transformKit(
      work,
      files.filter((file) => textFile.test(file) && !notChanged.test(file)),
      edition,
    );
    format(work);
    writeFileSync(join(work, stampName), stamp);
    // Another process may have made it meanwhile.
    if (!isMade()) {
      rmSync(folder, { recursive: true, force: true });
      renameSync(work, folder);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return { edition, root: folder };
}

function copyKit(root: string, files: readonly string[], to: string): void {
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(root, file), join(to, file));
  }
  // A hand-out is made of the files that git knows.
  execFileSync('git', ['init', '-q'], { cwd: to });
  // Only files that git knows go out.
  execFileSync('git', ['add', '--all'], { cwd: to });
}

function format(folder: string): void {
  execFileSync(
    join(folder, 'node_modules/.bin/biome'),
    ['check', '--write', '--linter-enabled=false', '--log-level=error', '.'],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
}

function digestOf(root: string, files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
}
