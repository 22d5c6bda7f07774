/** `npm run grade`: grades a submission, see {@link usage}. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { parseArguments, UsageError } from '@tablelab/shared/command-line';
import { fromHere, gradingArguments, gradingOptions } from '../grade/arguments.ts';
import { type Grade, type GradeOptions, grade, stateOf } from '../grade/grade.ts';
import { terminal } from '../grade/reports/terminal.ts';
import { writeReports } from '../grade/reports/write.ts';
import { runProgram } from './run-program.ts';

const usage = `usage: npm run grade -- SUBMISSION --part N [options]

SUBMISSION is a folder, a zip or a tar with the files that the steps of the part name.

  --steps 1..3     only these steps count, if no others were handed out (npm run handout -- --steps 1..3)
  --hidden DIR     tests that the students do not have; they count, and no report shows what is in them
  --edition NAME   the edition that was handed out (npm run handout -- --edition NAME)
  --language pt    quotes the rules in Portuguese, for a class that has the hand-out in that language
  --out DIR        where the reports go (default: grade-partN): results.json (Gradescope), ctrf.json, results.tap,
                   report.md, report.html, report.txt
  --rerun ID       repeat one test and print everything about it; writes no reports
  --seeds A,B,C    the seeds of random tests (default: 1,2,3)
  --no-sandbox     run the submission without a sandbox: only if you trust it
`;

const root = join(import.meta.dirname, '../../..');

async function run(argv: readonly string[]): Promise<number> {
  const { options, out } = readArguments(argv);
  // Before the reference is measured, which takes minutes.
  if (!existsSync(options.submission)) throw new UsageError(`there is no ${options.submission}`);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  const result = await grade({
    ...options,
    signal: stop.signal,
    onLine: (line) => console.error(line),
    ...(options.only === undefined ? { onProgress: (current) => writeReports(current, out) } : {}),
  });
  if (options.only !== undefined) return printRerun(result, options.only);
  process.stdout.write(terminal(result));
  console.log(`reports: ${out}`);
  return stop.signal.aborted ? 1 : 0;
}

function readArguments(argv: readonly string[]): { options: GradeOptions; out: string } {
  const { positionals, values } = parseArguments(argv, { ...gradingOptions, rerun: { type: 'string' } });
  const [submission, ...more] = positionals;
  if (submission === undefined) throw new UsageError('the submission is missing');
  if (more.length > 0) throw new UsageError(`one submission is graded at a time, not also ${more[0]}`);
  const { out, ...options } = gradingArguments(values, { root, outPrefix: 'grade' });
  const only = typeof values.rerun === 'string' ? values.rerun : undefined;
  return { options: { ...options, submission: fromHere(submission), only }, out };
}

/** Without the escape sequences with which a submission could write over the teacher's terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a submission may print any
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '?');
}

/** Everything about one test. */
function printRerun({ tests, problem }: Grade, id: string): number {
  const test = tests.find((one) => one.id === id);
  if (problem !== undefined) throw new Error(problem);
  if (test === undefined)
    throw new Error(`there is no test ${id}; there are ${tests.map((one) => one.id).join(', ')}`);
  console.log(`${test.id}: ${test.name}\n${test.file}\nlimit: ${test.limitMs} ms`);
  for (const { seed, ok, ms, failures, output } of test.runs) {
    console.log(`\nseed ${seed}: ${ok ? 'passed' : 'FAILED'} in ${Math.round(ms)} ms`);
    for (const { assertion, input, expected, got } of failures) {
      console.log(
        printable(
          `  assertion: ${assertion}\n  input:     ${input}\n  expected:  ${expected}\n  got:       ${got}`,
        ),
      );
    }
    if (output.trim() !== '') console.log(`  printed:\n${printable(output)}`);
  }
  return stateOf(test) === 'passed' ? 0 : 1;
}

await runProgram('grade', usage, run);
