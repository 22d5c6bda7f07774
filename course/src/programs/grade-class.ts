/** `npm run grade:class`: grades a whole class, see {@link usage}. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { integerArgument, parseArguments, UsageError } from '@tablelab/shared/command-line';
import { ProgressLine, timeText, whatIsWrong } from '../class/progress.ts';
import { readResults } from '../class/result.ts';
import { type ClassRow, type RunClassOptions, runClass } from '../class/run-class.ts';
import { writeClass } from '../class/write-class.ts';
import { existingFolder, fromHere, gradingArguments, gradingOptions } from '../grade/arguments.ts';
import { writeSimilarity } from '../similarity/write-similarity.ts';
import { runProgram } from './run-program.ts';

const usage = `usage: npm run grade:class -- DIR --part N [options]

DIR has one folder, zip or tar for each student.

  --jobs N         how many submissions are graded at the same time (default: one for each processor)
  --hidden DIR     tests that the students do not have
  --out DIR        where the results go (default: class-partN): grades.csv, statistics.json, class.html, reports/STUDENT
  --compare OLD    the folder of another run: class.html says what has changed, and why
  --similarity     also looks for submissions that are suspiciously similar: similarity.html, and a folder for JPlag and Dolos
  --steps 1..3     only these steps count, if no others were handed out
  --seeds A,B,C    the seeds of random tests (default: 1,2,3)
  --edition NAME   the edition that was handed out
  --language pt    quotes the rules in Portuguese
  --no-sandbox     run the submissions without a sandbox: only if you trust all of them

A submission that has been graded, and whose files, tests and settings have not changed, is not graded again: after Ctrl-C,
the same command goes on.
`;

const root = join(import.meta.dirname, '../../..');

async function run(argv: readonly string[]): Promise<number> {
  const { options, compare, similarity } = readArguments(argv);
  const before = compare === undefined ? undefined : readResults(compare);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  const progress = new ProgressLine(process.stderr);
  stop.signal.addEventListener('abort', () => progress.note('stopping ...'), { once: true });
  const began = performance.now();
  const rows = await runClass({
    ...options,
    signal: stop.signal,
    onProgress: (state) => progress.show(state),
    onLine: (line) => progress.note(line),
  });
  progress.end();
  writeClass(options, rows, before);
  const minutes = (performance.now() - began) / 60_000;
  for (const line of summary(rows, options, minutes)) console.log(line);
  if (similarity && !stop.signal.aborted) {
    const pairs = await writeSimilarity(options);
    console.log(`${pairs} similar pairs: ${join(options.out, 'similarity.html')}`);
  }
  const isComplete = rows.every(({ result }) => result !== undefined);
  return isComplete ? 0 : 1;
}

function summary(rows: readonly ClassRow[], { out }: RunClassOptions, minutes: number): string[] {
  const done = rows.filter(({ result }) => result !== undefined).length;
  const failed = rows.filter(({ failure }) => failure !== undefined);
  const wrong = rows.filter((row) => row.failure === undefined && whatIsWrong(row) !== undefined);
  return [
    ...[...failed, ...wrong].map((row) => `${row.student}: ${whatIsWrong(row)}`),
    `${done} of ${rows.length} submissions are graded, after ${timeText(minutes)}`,
    ...(done < rows.length ? ['the same command goes on with the others'] : []),
    `results: ${join(out, 'class.html')}, grades.csv, statistics.json, and reports for each student`,
  ];
}

interface ClassArguments {
  readonly options: RunClassOptions;
  readonly compare: string | undefined;
  readonly similarity: boolean;
}

function readArguments(argv: readonly string[]): ClassArguments {
  const { positionals, values } = parseArguments(argv, {
    ...gradingOptions,
    jobs: { type: 'string' },
    compare: { type: 'string' },
    similarity: { type: 'boolean' },
  });
  const [submissions, ...more] = positionals;
  if (submissions === undefined) throw new UsageError('the folder of the submissions is missing');
  if (more.length > 0) throw new UsageError(`one folder has all submissions, not also ${more[0]}`);
  const processors = availableParallelism();
  const jobs = typeof values.jobs === 'string' ? values.jobs : String(processors);
  const grading = gradingArguments(values, { root, outPrefix: 'class' });
  const compare = typeof values.compare === 'string' ? existingFolder(fromHere(values.compare)) : undefined;
  if (compare === grading.out) throw new UsageError('--compare is the folder of another run than --out');
  const options = {
    ...grading,
    submissions: existingFolder(fromHere(submissions)),
    // Each has a processor of its own: the time limits count on that.
    jobs: integerArgument('--jobs', jobs, { min: 1, max: processors }),
  };
  return { options, compare, similarity: values.similarity === true };
}

await runProgram('grade:class', usage, run);
