/** `npm run grade:package`: what other systems take to grade with the kit, see {@link usage}. */
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { integerArgument, parseArguments, UsageError } from '@tablelab/shared/command-line';
import { fromHere, seedsArgument } from '../grade/arguments.ts';
import { packageFor, type Target, targets } from '../package/targets.ts';
import { type ZipEntry, zipOf } from '../zip-file.ts';
import { runProgram } from './run-program.ts';
import { warnOfUntracked } from './warn-of-untracked.ts';

const usage = `usage: npm run grade:package -- --for ${targets.join('|')} --part N --out FILE_OR_DIR [options]

Writes a zip if the name ends in .zip, otherwise a folder that does not exist or is empty. The solution is in it: it is not for students.

  --hidden DIR     tests that the students do not have; they go into the package
  --seeds A,B,C    the seeds of random tests (default: 1,2,3)
  --steps 1..3     only these steps count
  --edition NAME   the edition that was handed out
`;

const root = join(import.meta.dirname, '../../..');

function run(argv: readonly string[]): void {
  const { positionals, values } = parseArguments(argv, {
    for: { type: 'string' },
    part: { type: 'string' },
    out: { type: 'string' },
    hidden: { type: 'string' },
    seeds: { type: 'string' },
    steps: { type: 'string' },
    edition: { type: 'string' },
  });
  if (positionals.length > 0) throw new UsageError(`unexpected argument "${positionals[0]}"`);
  const target = targets.find((name) => name === values.for);
  if (target === undefined) throw new UsageError(`--for is one of ${targets.join(', ')}`);
  if (typeof values.part !== 'string') throw new UsageError('--part is missing');
  if (typeof values.out !== 'string') throw new UsageError('--out is missing');
  if (typeof values.seeds === 'string') seedsArgument(values.seeds);
  const hidden = typeof values.hidden === 'string' ? fromHere(values.hidden) : undefined;
  if (hidden !== undefined && !existsSync(hidden)) throw new UsageError(`there is no folder ${hidden}`);
  const gradeOptions = (['seeds', 'steps', 'edition'] as const).flatMap((name) =>
    typeof values[name] === 'string' ? [`--${name}`, values[name]] : [],
  );
  const part = integerArgument('--part', values.part, { min: 1, max: 4 });
  write(target, packageFor(target, { root, part, hidden, gradeOptions }), fromHere(values.out));
  if (part === 2 || part === 3) {
    const text = 'needs bubblewrap: where a container does not allow it, the grader refuses this part';
    console.error(`part ${part} ${text}`);
  }
}

function write(target: Target, entries: readonly ZipEntry[], out: string): void {
  if (out.endsWith('.zip')) {
    writeFileSync(out, zipOf(entries));
  } else {
    if (existsSync(out) && readdirSync(out).length > 0) throw new UsageError(`${out} is not empty`);
    for (const { path, content, isProgram } of entries) {
      const to = join(out, path);
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, content);
      if (isProgram === true) chmodSync(to, 0o755);
    }
  }
  console.log(`wrote ${out} for ${target}: ${entries.length} files. It contains the solution.`);
  warnOfUntracked(root);
}

await runProgram('grade:package', usage, run);
