/** `npm run mutation`: which changes of a part's sources no test notices, see {@link usage}. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { integerArgument, parseArguments, UsageError } from '@tablelab/shared/command-line';
import { KitCopy } from '../check/kit-copy.ts';
import { type FileScore, type MutationReport, scoreOf, scoresOf } from './report.ts';
import { loadMutationSettings, type MutationSettings } from './settings.ts';
import { runProgram } from '../programs/run-program.ts';

const usage = `usage: npm run mutation -- --part N [--only FILE,...]

Changes the sources of part 1 or 2 in one place at a time (Stryker), runs the part's quick tests, and prints the changes that no test
notices. course/mutation.yaml says which sources and tests. Fails if fewer are noticed than it demands.

  --part N          1 or 2
  --only FILE,...   only these sources: part1/src/list.ts
`;

/**
 * Stryker is no dependency of the kit, because it brings 110 packages (61 MB) for this command alone. It is installed into the user's
 * cache. The versions are the latest for which there is a runner for tap.
 */
const packages = ['@stryker-mutator/core@10.0.0', '@stryker-mutator/tap-runner@10.0.0'];
const root = join(import.meta.dirname, '../../..');

function run(argv: readonly string[]): number {
  const { values } = parseArguments(argv, { part: { type: 'string' }, only: { type: 'string' } });
  if (values.part === undefined) throw new UsageError('--part is missing');
  const part = integerArgument('--part', String(values.part), { min: 1, max: 2 });
  const only = values.only === undefined ? undefined : String(values.only).split(',');
  const settings = loadMutationSettings(root);
  const groups = (settings.parts[part] ?? [])
    .map(({ mutate, tests }) => ({ mutate: mutate.filter((file) => only?.includes(file) ?? true), tests }))
    .filter(({ mutate }) => mutate.length > 0);
  if (groups.length === 0) throw new UsageError('course/mutation.yaml has none of these files');
  const stryker = install();
  const scores = groups.flatMap((group) => mutate(stryker, group, settings));
  const score = scoreOf(scores);
  console.log(
    `${score.toFixed(1)} % of the changes are noticed; at least ${settings['score-min']} % must be`,
  );
  return score >= settings['score-min'] ? 0 : 1;
}

/** Returns Stryker's folder of packages. */
function install(): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const folder = join(cache, 'tablelab-mutation', packages.join('+').replaceAll(/[^\w.+-]/g, '_'));
  const modules = join(folder, 'node_modules/@stryker-mutator');
  if (existsSync(join(modules, 'tap-runner/package.json'))) return modules;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  console.error(`installing Stryker in ${folder}, once ...`);
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent', ...packages], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return modules;
}

/** Runs Stryker in a copy of the kit, whose sources it changes, and prints the result of each file. */
function mutate(
  stryker: string,
  { mutate, tests }: { readonly mutate: readonly string[]; readonly tests: readonly string[] },
  settings: Pick<MutationSettings, 'equivalent' | 'wording'>,
): FileScore[] {
  const kit = new KitCopy(root);
  try {
    const config = {
      mutate,
      testRunner: 'tap',
      plugins: [join(stryker, 'tap-runner/dist/src/index.js')],
      tap: { testFiles: tests, nodeArgs: ['--import=./scripts/time-limit.ts'], forceBail: true },
      // The packages of the kit lead to this copy, and would not lead to a copy of it.
      inPlace: true,
      concurrency: 1,
      coverageAnalysis: 'perTest',
      // A change may make a loop endless.
      timeoutMS: 5_000,
      timeoutFactor: 2,
      reporters: ['json'],
      jsonReporter: { fileName: 'mutation.json' },
    };
    writeFileSync(join(kit.folder, 'stryker.config.json'), JSON.stringify(config));
    // The test files must not take themselves for tests of this process.
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^_?TAP|^NODE_OPTIONS/.test(name)),
    );
    execFileSync(process.execPath, [join(stryker, 'core/bin/stryker.js'), 'run', '--logLevel', 'error'], {
      cwd: kit.folder,
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const report = JSON.parse(readFileSync(join(kit.folder, 'mutation.json'), 'utf8')) as MutationReport;
    const scores = scoresOf(report, settings);
    for (const score of scores) print(score);
    return scores;
  } finally {
    kit.remove();
  }
}

function print(score: FileScore): void {
  const { file, caught, survived, equivalent, wording, survivors } = score;
  const percent = scoreOf([score]).toFixed(1);
  console.log(
    `${file}: ${percent} %, ${caught} noticed, ${survived} not; left out: ${equivalent} that make no difference, ${wording} of an error’s wording`,
  );
  for (const line of survivors) console.log(`    ${line}`);
}

await runProgram('mutation', usage, run);
