/** The files of the kit that a grader needs elsewhere, the solutions among them: a package is never for students. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { trackedFiles } from '../handout/contents.ts';
import type { ZipEntry } from '../zip-file.ts';

/** What only the kit's makers use. */
const notNeeded =
  /^(\.ci|\.github|\.devcontainer|environments|docs|flake\.|compose|Dockerfile|\.dockerignore|\.envrc)/;
/** The grader's own tests; those of the parts grade. */
const graderTests = /^(course|scripts|shared)\/test\//;

const executable = 0o111;

/** @param hidden a folder with hidden tests, which go along. */
export function kitEntries(root: string, folder: string, hidden?: string): ZipEntry[] {
  const files = trackedFiles(root).filter((file) => !notNeeded.test(file) && !graderTests.test(file));
  const kit = files
    .filter((file) => statSync(join(root, file), { throwIfNoEntry: false })?.isFile() === true)
    .map((file) => entry(join(root, file), `${folder}kit/${file}`));
  return hidden === undefined ? kit : [...kit, ...hiddenEntries(hidden, folder)];
}

function hiddenEntries(hidden: string, folder: string): ZipEntry[] {
  const files = filesIn(hidden);
  if (!files.some((file) => file.endsWith('.test.ts')))
    throw new Error(`there is no test (*.test.ts) in ${hidden}`);
  return files.map((file) => entry(join(hidden, file), `${folder}hidden/${file}`));
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => relative(folder, join(one.parentPath, one.name)))
    .sort();
}

function entry(from: string, path: string): ZipEntry {
  return { path, content: readFileSync(from), isProgram: (statSync(from).mode & executable) !== 0 };
}
