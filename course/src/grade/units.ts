/**
 * What a judge runs at a time: the tests of a file that grade one step, with the modules that the submission has written for it.
 *
 * In parts 1 and 4, whose code waits for nothing, a file's tests run together. In parts 2 and 3, a test gets the student's modules for
 * its step, and for the earlier steps that the file grades; all others are the reference's. So the server's tests speak to the
 * student's server with the reference's client, and the points of a step do not depend on a later one.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { sourcesOf } from '@tablelab/shared/sources';
import { loadPart, type Step } from '../course-file.ts';
import { citedRules, rulesOfTestFile } from '../rules.ts';
import { judgedModules } from './judged-modules.ts';
import type { JudgeSettings } from './remote/judge-settings.ts';

export interface TestFile {
  /** Absolute. */
  readonly path: string;
  readonly isHidden: boolean;
}

export interface Unit
  extends Pick<JudgeSettings, 'modules' | 'remote' | 'modulesOfKit' | 'crossing' | 'queries' | 'hasEvents'> {
  readonly testFile: TestFile;
  /** Names it; undefined if the unit has the tests of all steps. */
  readonly step: string | undefined;
  /** A test belongs to the unit if it cites one of these, and none of `laterRules`. */
  readonly rules: readonly string[];
  readonly laterRules: readonly string[];
  /** Whether a test may make other calls with another seed. Where events are under way, calls differ without that, too. */
  readonly isSeeded: boolean;
}

export interface UnitsOptions {
  readonly part: string;
  readonly steps: readonly Step[];
  /** The root of the kit. */
  readonly reference: string;
}

/** Whether the student's code of a part works between calls, too: with sockets, timers and threads. */
export function hasEvents(part: string): boolean {
  return part === 'part2' || part === 'part3';
}

/** Test support that acts where the student's code runs, such as a clock. It lies in folders of this name. */
const sandboxedFolder = 'sandboxed';

export function unitsOf(options: UnitsOptions, testFiles: readonly TestFile[]): Unit[] {
  const { part, steps, reference } = options;
  const { steps: all } = loadPart(Number(part.slice('part'.length)), reference);
  if (!hasEvents(part)) {
    const rules = steps.flatMap((step) => step.rules);
    const judged = judgedModules({ part, steps: all, reference });
    return testFiles.map((testFile) => ({
      ...judged,
      testFile,
      step: undefined,
      rules,
      laterRules: [],
      remote: judged.modules,
      hasEvents: false,
      isSeeded: true,
    }));
  }
  const modules = modulesOf(reference, part);
  const support = supportOf(reference, part).filter((file) => hasExports(reference, file));
  return testFiles.flatMap((testFile) => {
    const cited = rulesIn(testFile, options);
    const isSeeded = usesSeed(testFile, reference);
    return steps.flatMap((step, index): Unit[] => {
      if (!step.rules.some((rule) => cited.includes(rule))) return [];
      const file = relative(reference, testFile.path);
      // Also of steps that are not graded, because they came solved.
      const place = all.findIndex(({ name }) => name === step.name);
      const own = all
        .slice(0, place + 1)
        .filter((one) => one.name === step.name || testFile.isHidden || one.tests.includes(file))
        .flatMap(({ write }) => write.map(({ file }) => file));
      const isRemote = (module: string) =>
        sourcesOf(reference, module, (source) => source.startsWith(`${part}/src/`)).some((source) =>
          own.includes(source),
        );
      const remote = [...modules.filter((module) => !isIndex(module) && isRemote(module)), ...support];
      return [
        {
          testFile,
          step: step.name,
          rules: step.rules,
          laterRules: steps.slice(index + 1).flatMap((later) => later.rules),
          modules: [...modules, ...support],
          remote,
          modulesOfKit: remote,
          crossing: 'shared',
          queries: [],
          hasEvents: true,
          isSeeded,
        },
      ];
    });
  });
}

function rulesIn({ path, isHidden }: TestFile, { part, reference }: UnitsOptions): string[] {
  const number = Number(part.slice('part'.length));
  return isHidden
    ? citedRules(readFileSync(path, 'utf8'), number)
    : rulesOfTestFile(reference, relative(reference, path), number);
}

function usesSeed({ path, isHidden }: TestFile, reference: string): boolean {
  const isSupport = (file: string) => /^part\d\/test\//.test(file);
  const sources = isHidden
    ? [path]
    : sourcesOf(reference, relative(reference, path), isSupport).map((file) => join(reference, file));
  return sources.some((source) => /\btestSeed\b/.test(readFileSync(source, 'utf8')));
}

/** It passes on what others define, whether that is the student's or the reference's. */
function isIndex(module: string): boolean {
  return module.endsWith('/index.ts');
}

/** All that export something: a program does not. */
function modulesOf(reference: string, part: string): string[] {
  return filesIn(reference, `${part}/src`).filter((file) => hasExports(reference, file));
}

function hasExports(reference: string, file: string): boolean {
  return /^export /m.test(readFileSync(join(reference, file), 'utf8'));
}

/** What the tests of a part, and the support of the earlier parts that they use, bring into the sandbox. */
export function supportOf(reference: string, part: string): string[] {
  const folders = ['part1', 'part2', 'part3', 'part4']
    .filter((other) => other <= part)
    .map((other) => `${other}/testing/${sandboxedFolder}`);
  return [...folders, `${part}/test/${sandboxedFolder}`].flatMap((folder) => filesIn(reference, folder));
}

function filesIn(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => `${folder}/${name}`)
    .sort();
}
