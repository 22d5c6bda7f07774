/**
 * Makes a class for trying the grader, see `makeClass`:
 *
 *   npm run course:class -- --part 1 --students 60 --seed 1 --out DIR
 */
import { join } from 'node:path';
import { integerArgument, parseArguments, UsageError } from '@tablelab/shared/command-line';
import { makeClass } from '../check/make-class.ts';
import { fromHere } from '../grade/arguments.ts';
import { runProgram } from './run-program.ts';

const usage = `usage: npm run course:class -- --part N --out DIR [--students 60] [--seed 1]

DIR is made new: reference, right, half done, wrong, hostile and unreadable submissions. DIR/.class.json says which is which.
`;
const root = join(import.meta.dirname, '../../..');
const studentsMax = 10_000;
const seedMax = 2 ** 31 - 1;

async function run(argv: readonly string[]): Promise<void> {
  const { positionals, values } = parseArguments(argv, {
    part: { type: 'string' },
    students: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string' },
  });
  if (positionals.length > 0) throw new UsageError(`unexpected argument "${positionals[0]}"`);
  if (typeof values.part !== 'string') throw new UsageError('--part is missing');
  if (typeof values.out !== 'string') throw new UsageError('--out is missing');
  const out = fromHere(values.out);
  const made = await makeClass({
    root,
    part: integerArgument('--part', values.part, { min: 1, max: 4 }),
    students: integerArgument('--students', String(values.students), { min: 1, max: studentsMax }),
    seed: integerArgument('--seed', String(values.seed), { min: 0, max: seedMax }),
    out,
  });
  console.log(`wrote ${made.length} submissions to ${out}`);
}

await runProgram('course:class', usage, run);
