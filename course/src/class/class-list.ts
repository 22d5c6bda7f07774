/** The submissions of a class: what lies in its folder, one entry a student. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '@tablelab/shared';

export interface ClassEntry {
  /** The name of the entry without the ending of an archive; with it, if another entry would have the same name. */
  readonly student: string;
  /** What to grade: the entry, or what is in it if there is only one thing, as in Moodle's downloads. */
  readonly path: string;
  /** Why it cannot be graded. */
  readonly problem: string | undefined;
  /** What the teacher should look at. */
  readonly remark: string | undefined;
}

const archiveEnding = /\.(zip|tar|tgz|tar\.(gz|bz2|xz|zst))$/i;
/** A download of Moodle is a folder with an archive with a folder. */
const wrapperDepthMax = 3;

/** @param wanted paths in the kit of the files that the students write. */
export function listClass(folder: string, wanted: readonly string[]): ClassEntry[] {
  const names = readdirSync(folder).filter((name) => !isIgnored(name));
  const count = new Map<string, number>();
  for (const name of names) count.set(studentOf(name), (count.get(studentOf(name)) ?? 0) + 1);
  const entries = names.map((name): ClassEntry => {
    const isOnly = count.get(studentOf(name)) === 1;
    const remark = isOnly ? undefined : `there is more than one submission of ${studentOf(name)}`;
    return { student: isOnly ? studentOf(name) : name, remark, ...find(join(folder, name), wanted) };
  });
  return entries.sort((one, other) => compare(one.student, other.student));
}

/** By code units, so that the order is the same on all machines. */
function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function studentOf(name: string): string {
  return name.replace(archiveEnding, '') || name;
}

/** What file managers leave behind. */
function isIgnored(name: string): boolean {
  return name.startsWith('.') || name === '__MACOSX' || name === 'Thumbs.db' || name === 'desktop.ini';
}

function find(entry: string, wanted: readonly string[]): Pick<ClassEntry, 'path' | 'problem'> {
  let path = entry;
  try {
    for (let depth = 0; ; depth += 1) {
      const found = lstatSync(path);
      if (found.isSymbolicLink()) return { path, problem: 'it is a link; put the submission itself there' };
      if (found.isFile()) return { path, problem: undefined };
      if (!found.isDirectory()) return { path, problem: 'it is neither a folder nor a file' };
      const inside = readdirSync(path).filter((name) => !isIgnored(name));
      const [only] = inside;
      if (only === undefined) return { path, problem: 'it is an empty folder' };
      const isWrapper = inside.length === 1 && !wanted.some((file) => file.startsWith(`${only}/`));
      if (!isWrapper || depth === wrapperDepthMax) return { path, problem: undefined };
      path = join(path, only);
    }
  } catch (error) {
    return { path, problem: errorText(error) };
  }
}
