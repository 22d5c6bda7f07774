/** `npm run grade`: grades a submission, see {@link usage}. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '@tablelab/shared';
import { parseArguments, UsageError, usageErrorText } from '@tablelab/shared/command-line';
import { chosenSteps, stepNumbers } from '../chosen-steps.ts';
import { inLanguage, loadPart } from '../course-file.ts';
import { editionKit } from '../edition/kit.ts';
import { fromHere, partArgument, sandboxArgument, seedsArgument } from '../grade/arguments.ts';
import { type Grade, type GradeOptions, grade, stateOf } from '../grade/grade.ts';
import { terminal } from '../grade/reports/terminal.ts';
import { writeReports } from '../grade/reports/write.ts';
import { languageArgument } from '../language.ts';

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

try {
  const argv = process.argv.slice(2);
  if (argv.includes('--help')) process.stdout.write(usage);
  else process.exitCode = await run(argv);
} catch (error) {
  const text =
    error instanceof UsageError ? usageErrorText('grade', usage, error) : `grade: ${errorText(error)}\n`;
  process.stderr.write(text);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

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
  const { positionals, values } = parseArguments(argv, {
    part: { type: 'string' },
    steps: { type: 'string' },
    hidden: { type: 'string' },
    edition: { type: 'string' },
    language: { type: 'string' },
    out: { type: 'string' },
    rerun: { type: 'string' },
    seeds: { type: 'string' },
    'no-sandbox': { type: 'boolean' },
  });
  const [submission, ...more] = positionals;
  if (submission === undefined) throw new UsageError('the submission is missing');
  if (more.length > 0) throw new UsageError(`one submission is graded at a time, not also ${more[0]}`);
  const part = partArgument(values.part);
  const hidden = typeof values.hidden === 'string' ? fromHere(values.hidden) : undefined;
  if (hidden !== undefined && !existsSync(hidden)) throw new UsageError(`there is no folder ${hidden}`);
  const language = languageArgument(values.language);
  const edition = typeof values.edition === 'string' ? values.edition : undefined;
  const reference = edition === undefined ? root : editionKit(root, edition).root;
  const steps = typeof values.steps === 'string' ? values.steps : undefined;
  return {
    options: {
      part: `part${part}`,
      steps: chosenSteps(inLanguage(loadPart(part, reference), language ?? 'en'), stepNumbers(steps)).steps,
      reference,
      edition,
      language,
      submission: fromHere(submission),
      hidden,
      seeds: seedsArgument(values.seeds),
      sandbox: sandboxArgument(values['no-sandbox'] === true),
      only: typeof values.rerun === 'string' ? values.rerun : undefined,
    },
    out: fromHere(typeof values.out === 'string' ? values.out : `grade-part${part}`),
  };
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
        `  assertion: ${assertion}\n  input:     ${input}\n  expected:  ${expected}\n  got:       ${got}`,
      );
    }
    if (output.trim() !== '') console.log(`  printed:\n${output}`);
  }
  return stateOf(test) === 'passed' ? 0 : 1;
}
