import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourcesOf } from '@tablelab/shared/sources';
import type { CoursePart, Step } from '../course-file.ts';

/** Files in the root's folder and in `scripts` that a student needs. Others are for the kit's makers. */
const commonFiles = [
  '.editorconfig',
  '.gitignore',
  '.npmrc',
  'LICENSE',
  'biome.json',
  'scripts/bootstrap.mjs',
  'scripts/time-limit-thread.ts',
  'scripts/time-limit.ts',
];

/** Folders that come whole. */
const commonFolders = ['scripts/student/', 'shared/src/', 'shared/proto/'];

/**
 * The files of the kit that come with a hand-out, relative to the root: of each part its sources, its hand-out, the tests that grade its
 * steps, and what those import. Left out: later parts, other tests, benches that the hand-out does not name, mutants, `course`.
 */
export function filesOf(root: string, parts: readonly CoursePart[]): string[] {
  const tracked = trackedFiles(root);
  const folders = [...commonFolders, ...parts.flatMap(({ part }) => foldersOf(part)), ...pageFolders(parts)];
  const wanted = new Set([...commonFiles, 'shared/package.json']);
  for (const { part, steps } of parts) {
    const readme = readFileSync(join(root, `part${part}/README.md`), 'utf8');
    wanted.add(`part${part}/README.md`).add(`part${part}/package.json`);
    const tests = steps.flatMap((step: Step) => step.tests);
    for (const file of tests) {
      for (const source of sourcesOf(root, file, (one) => /^part\d\/(test|testing)\//.test(one)))
        wanted.add(source);
    }
    for (const bench of tracked.filter(
      (file) => file.startsWith(`part${part}/bench/`) && readme.includes(file.slice(6)),
    )) {
      const sources = sourcesOf(root, bench, (one) => !folders.some((folder) => one.startsWith(folder)));
      // One that needs files from elsewhere is for the kit's makers.
      if (sources.every((source) => /^part\d\/bench\//.test(source)))
        for (const one of sources) wanted.add(one);
    }
  }
  return tracked.filter((file) => {
    if (!existsSync(join(root, file))) return false;
    if (wanted.has(file) || folders.some((folder) => file.startsWith(folder))) return true;
    // Vectors and other data.
    const isData = /^part\d\/test\//.test(file) && !/\.(ts|mjs)$/.test(file);
    return isData && parts.some(({ part }) => file.startsWith(`part${part}/`));
  });
}

/** The page plays part 4's core as the student writes it. Its cores with a mistake are among the tests, which do not go out. */
function pageFolders(parts: readonly CoursePart[]): string[] {
  return parts.some(({ part }) => part === 4) ? ['page/src/', 'page/package.json'] : [];
}

function foldersOf(part: number): string[] {
  const folders =
    part === 4 ? ['src', 'testing', 'proto', 'sim', 'linearizability'] : ['src', 'testing', 'proto'];
  return folders.map((folder) => `part${part}/${folder}/`);
}

/** The files that git knows, also those that were only added: a teacher's notes and students' reports may lie beside them. */
export function trackedFiles(root: string): string[] {
  return listed(root, ['--cached']);
}

/** For a warning: files that do not go out, because git does not know them, and that it does not ignore. */
export function untrackedFiles(root: string): string[] {
  return listed(root, ['--others', '--exclude-standard']);
}

function listed(root: string, options: readonly string[]): string[] {
  const text = execFileSync('git', ['ls-files', ...options], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return [...new Set(text.split('\n'))].filter((file) => file !== '').sort();
}
