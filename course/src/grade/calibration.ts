/**
 * What the reference does in each graded test on this machine: how long it takes, and whether its calls depend on the seed. The results
 * are kept in a cache, because they take as long as grading a submission.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { inParallel } from './in-parallel.ts';
import type { JudgeRun } from './judge-run.ts';
import type { SandboxKind } from './sandbox.ts';
import type { Unit } from './units.ts';

export interface ReferenceTest {
  readonly name: string;
  readonly ms: number;
  /** Whether it makes other calls with another seed, so that it is worth while to repeat it. */
  readonly isRandom: boolean;
}

export type Calibration = ReadonlyMap<Unit, readonly ReferenceTest[]>;

export interface CalibrationOptions {
  readonly part: string;
  /** The root of the kit. */
  readonly reference: string;
  readonly units: readonly Unit[];
  readonly sandbox: SandboxKind;
  /** With how many seeds a submission is graded. */
  readonly seeds: number;
  /** Runs the reference. */
  readonly run: (unit: Unit, seed: number, processor: number) => Promise<JudgeRun>;
  readonly onProgress: (line: string) => void;
}

const seeds = [1, 2] as const;

export async function calibrate(options: CalibrationOptions): Promise<Calibration> {
  const calibration = new Map<Unit, readonly ReferenceTest[]>();
  await inParallel(options.units, async (unit, processor) => {
    const cached = join(cacheFolder(), `${keyOf(unit, options)}.json`);
    if (!existsSync(cached)) {
      const { testFile, step } = unit;
      options.onProgress(
        `measuring the reference, once: ${testFile.path}${step === undefined ? '' : ` (${step})`}`,
      );
      writeAtomically(cached, JSON.stringify(await measure(unit, options, processor)));
    }
    calibration.set(unit, JSON.parse(readFileSync(cached, 'utf8')) as ReferenceTest[]);
  });
  for (const { testFile } of options.units) {
    const units = options.units.filter((unit) => unit.testFile === testFile);
    if (units.every((unit) => calibration.get(unit)?.length === 0))
      throw new Error(`${testFile.path} has no test that cites a graded rule`);
  }
  return calibration;
}

async function measure(unit: Unit, { run }: CalibrationOptions, processor: number): Promise<ReferenceTest[]> {
  const testFile = unit.testFile.path;
  const first = await run(unit, seeds[0], processor);
  const second = unit.isSeeded ? await run(unit, seeds[1], processor) : first;
  const problem = first.problem ?? second.problem;
  if (problem !== undefined) throw new Error(`${testFile} does not run: ${problem}`);
  return first.outcomes.map((outcome, index) => {
    const { name, ok, ms, calls, failures } = outcome;
    const other = second.outcomes[index];
    const failed = ok ? (other?.ok ? undefined : other) : outcome;
    // The reference has to earn all points. Otherwise a test asks for something that the machine, or the grader, does not allow.
    if (failed !== undefined || other === undefined) {
      const [failure = undefined] = failed?.failures ?? failures;
      throw new Error(`the reference fails in ${testFile}: ${name}: ${JSON.stringify(failure)}`);
    }
    return { name, ms: Math.max(ms, other.ms), isRandom: unit.isSeeded && calls !== other.calls };
  });
}

/** Another machine, other sources, another Node or another sandbox: another measurement. */
function keyOf(unit: Unit, { part, reference, sandbox, seeds: seedCount }: CalibrationOptions): string {
  const { testFile, rules, laterRules, modules, remote } = unit;
  const hash = createHash('sha256');
  hash.update(
    JSON.stringify([
      process.version,
      cpus()[0]?.model,
      cpus().length,
      sandbox,
      rules,
      seedCount,
      laterRules,
      modules,
      remote,
      process.getuid?.() === 0,
    ]),
  );
  const packages = ['shared', ...['part1', 'part2', 'part3', 'part4'].filter((name) => name <= part)];
  const folders = packages.flatMap((name) =>
    ['src', 'testing', 'test', 'sim', 'linearizability'].map((folder) => join(reference, name, folder)),
  );
  for (const folder of [...folders, import.meta.dirname]) hashFolder(hash, folder);
  hash.update(readFileSync(testFile.path));
  return hash.digest('hex').slice(0, 32);
}

function hashFolder(hash: ReturnType<typeof createHash>, folder: string): void {
  if (!existsSync(folder)) return;
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  for (const path of paths) hash.update(path).update(readFileSync(path));
}

/** A reader sees the old file or the new one, never a part. */
export function writeAtomically(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
}
