#!/usr/bin/env node
/** `npm run sim`: runs the chain in the simulator, for many seeds or for one; exits with 1 when a rule was broken. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { errorText } from '@tablelab/shared';
import {
  endWithoutOutput,
  integerArgument,
  parseArguments,
  UsageError,
  usageErrorText,
} from '@tablelab/shared/command-line';
import { describeOperation } from '../linearizability/index.ts';
import { ChainCore } from '../src/core/chain-core.ts';
import { type CampaignOptions, runCampaign, type Tally } from './campaign.ts';
import { type EditList, editListFrom } from './directed/edit-list.ts';
import { describeOutcome } from './directed/hand-client.ts';
import { describeAction, type Performed } from './directed/hands.ts';
import { runEdits } from './directed/run-edits.ts';
import { explore } from './exhaustive/search.ts';
import { describeFault, diskFaultKinds, type FaultKind, faultKinds } from './faults.ts';
import { commandOf, pageCommandOf } from './repeat-command.ts';
import { type RunOptions, type RunResult, runSeed } from './run-seed.ts';
import { shrink } from './shrink.ts';
import { traceHeader } from './trace-file.ts';

const usage = `usage: npm run sim -- --seeds 1..2000 [--disks] [--faults crash,pause] [--workers N]
       npm run sim -- --seed N [--disks] [--faults crash,pause] [--keep 0,3] [--trace]
       npm run sim -- --seed N --edits FILE [--trace]
       npm run sim -- --exhaustive 3,2,1

Runs servers, clients and ZooKeeper in simulated time, with the faults that each seed brings, and checks the rules of
the chain at every step. The same seed is the same run.
  --disks        the servers keep their data on disks, to which faults happen, too
  --seeds A..B   runs the seeds from A to B
  --seed N       runs seed N; --trace shows all that happens; the page shows such a text, too
  --faults       only these kinds, or none: ${faultKinds.join(', ')};
                 with --disks: ${diskFaultKinds.join(', ')}
  --keep         of the faults that the seed brings only those with these numbers
  --edits        a JSON file of what a person does in the course of the run (part4/sim/directed/edit-list.ts)
  --workers      threads that run seeds at once; default: one for each processor
  --exhaustive   so many servers, writes and crashes, without time: every order in which things can happen`;

const seedMax = 2 ** 31;
const workersMax = 256;
const failuresShownMax = 3;
const operationsShownMax = 30;
const traceLinesShownMax = 60;
const reportEveryMs = 10_000;
const exhaustiveSizeMax = 9;
const statesMax = 5_000_000;

endWithoutOutput('sim');
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(usageErrorText('sim', usage, error));
  process.exitCode = 2;
}

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArguments(argv, {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    faults: { type: 'string' },
    disks: { type: 'boolean', default: false },
    keep: { type: 'string' },
    workers: { type: 'string' },
    exhaustive: { type: 'string' },
    trace: { type: 'boolean' },
    edits: { type: 'string' },
    help: { type: 'boolean' },
  });
  if (values.help === true) {
    console.log(usage);
    return 0;
  }
  if (positionals.length > 0) throw new UsageError(`what is ${JSON.stringify(positionals[0])}?`);
  const text = (name: string) => values[name] as string | undefined;
  const sizes = text('exhaustive');
  if (sizes !== undefined) return search(sizes);
  const kinds = kindsOf(text('faults'));
  const hasDisks = values.disks === true;
  const seed = text('seed');
  if (seed !== undefined) {
    const keep = text('keep')
      ?.split(',')
      .filter((id) => id !== '');
    const edits = text('edits');
    const options = {
      seed: integerArgument('--seed', seed, { min: 0, max: seedMax }),
      hasDisks,
      ...(kinds === undefined ? {} : { kinds }),
      ...(keep === undefined
        ? {}
        : { faults: keep.map((id) => integerArgument('--keep', id, { min: 0, max: seedMax })) }),
      keepsTrace: values.trace === true,
    };
    return edits === undefined ? runOne(options) : runOneWithEdits(options, edits);
  }
  if (values.edits !== undefined) throw new UsageError('--edits belongs to one seed: give --seed, too');
  const [first = '', last = first] = (text('seeds') ?? '1..2000').split('..');
  const range = {
    first: integerArgument('--seeds', first, { min: 0, max: seedMax }),
    last: integerArgument('--seeds', last, { min: 0, max: seedMax }),
  };
  const workers = text('workers') ?? String(availableParallelism());
  const options = { ...range, hasDisks, ...(kinds === undefined ? {} : { kinds }) };
  return runMany(options, integerArgument('--workers', workers, { min: 1, max: workersMax }));
}

function kindsOf(text: string | undefined): readonly FaultKind[] | undefined {
  if (text === undefined) return undefined;
  return text
    .split(',')
    .filter((kind) => kind !== '' && kind !== 'none')
    .map((kind) => {
      const known = [...faultKinds, ...diskFaultKinds].find((other) => other === kind);
      if (known === undefined) throw new UsageError(`there is no fault ${JSON.stringify(kind)}`);
      return known;
    });
}

async function runOne(options: RunOptions): Promise<number> {
  return report(await runSeed(options), options);
}

async function runOneWithEdits(options: RunOptions, file: string): Promise<number> {
  const list = editsIn(file);
  return report(await runEdits({ ...options, edits: list }), options, { file, list });
}

function editsIn(file: string): EditList {
  try {
    return editListFrom(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file}: ${errorText(error)}`);
  }
}

interface EditsOfFile {
  readonly file: string;
  readonly list: EditList;
}

/** Prints a run; if it broke a rule, with the command that repeats it. */
function report(result: RunResult, options: RunOptions, edits?: EditsOfFile): number {
  if (options.keepsTrace === true) console.log(traceHeader(options, edits?.list));
  for (const line of result.trace) console.log(line);
  console.log(
    `seed ${result.seed}: trace ${result.hash}, ${result.steps} steps, ${Math.round(result.endMs)} ms`,
  );
  for (const fault of result.planned) console.log(`  fault ${describeFault(fault)}`);
  for (const [index, performed] of result.edits.entries())
    console.log(`  edit ${describeEdit(index, performed)}`);
  console.log(`  happened: ${timesOf(result.happened)}; ${timesOf(result.counts)}`);
  if (result.isVoid) console.log('the run ended early: the chain cannot go on, its data are gone');
  if (result.failure === undefined) {
    console.log('no rule was broken');
    return 0;
  }
  console.log(`BROKEN: ${result.failure}`);
  console.log(`see it again: ${commandOf(options, edits?.file)} --trace`);
  console.log(`see it in a browser: ${pageCommandOf(options, edits?.file)}`);
  return 1;
}

function describeEdit(index: number, { action, atMs, step, refusal, answer }: Performed): string {
  const outcome =
    answer === undefined ? '' : `: ${answer.outcome ? describeOutcome(answer.outcome) : 'no answer'}`;
  const failed = refusal === undefined ? '' : `: nothing was done, ${refusal}`;
  return `${index} ${describeAction(action)}, at ${Math.round(atMs)} ms after event ${step}${outcome}${failed}`;
}

async function runMany(options: CampaignOptions, workers: number): Promise<number> {
  const begun = performance.now();
  let toldAt = begun;
  const rate = ({ runs }: Tally) => `${((runs * 1000) / (performance.now() - begun)).toFixed(1)} seeds/s`;
  const { first, last, ...rest } = options;
  const tally = await runCampaign(options, {
    workers,
    onPortion: (so) => {
      if (performance.now() < toldAt + reportEveryMs) return;
      toldAt = performance.now();
      console.log(`${so.runs} runs, ${so.failures.length} failures, ${rate(so)}`);
    },
  });
  const { runs, voids, operations, steps, failures, faults, counts } = tally;
  console.log(
    `seeds ${first}..${last}: ${runs} runs (${voids} void) of ${operations} operations and ${steps} steps, ` +
      `${rate(tally)} on ${workers} threads`,
  );
  console.log(`faults: ${[...faults.values()].reduce((sum, times) => sum + times, 0)}: ${timesOf(faults)}`);
  console.log(`also: ${timesOf(counts)}`);
  failures.sort((one, other) => one.seed - other.seed);
  for (const { seed } of failures.slice(0, failuresShownMax)) await show({ seed, ...rest });
  if (failures.length > 0) console.log(`failed: ${failures.map(({ seed }) => seed).join(' ')}`);
  console.log(`${runs - failures.length} passed, ${failures.length} failed`);
  return failures.length === 0 && runs > 0 ? 0 : 1;
}

function search(sizes: string): number {
  const [servers = 0, writes = 0, crashes = 0, ...more] = sizes.split(',').map((size) => {
    return integerArgument('a size of --exhaustive', size, { min: 0, max: exhaustiveSizeMax });
  });
  if (servers === 0 || more.length > 0) throw new UsageError('--exhaustive takes servers,writes,crashes');
  const begun = performance.now();
  const result = explore({ Core: ChainCore, servers, writes, crashes }, { statesMax });
  const { states, steps, ends, isComplete, failure } = result;
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(
    `${servers} servers, ${writes} writes, ${crashes} crashes: ${states} states, ${steps} steps, ${ends} ends, ${seconds} s`,
  );
  for (const step of failure?.path ?? []) console.log(`  ${step}`);
  if (failure !== undefined) console.log(`BROKEN: ${failure.text}`);
  else if (!isComplete) console.log(`there are more than ${statesMax} states`);
  else console.log('no rule was broken, in any order');
  return isComplete ? 0 : 1;
}

/**
 * Prints a failure with as few faults as possible, the end of its trace and history, and the command that repeats it.
 */
async function show(options: RunOptions): Promise<void> {
  const { seed } = options;
  const result: RunResult = await shrink(options);
  console.log(`\nseed ${seed} BREAKS A RULE: ${result.failure}`);
  console.log('with these faults:');
  for (const fault of result.planned) console.log(`  ${describeFault(fault)}`);
  console.log('the end of the history:');
  for (const operation of result.operations.slice(-operationsShownMax)) {
    console.log(`  ${describeOperation(operation)}`);
  }
  console.log('the end of the trace:');
  for (const line of result.trace.slice(-traceLinesShownMax)) console.log(`  ${line}`);
  const faults = result.planned.map(({ id }) => id);
  console.log(`see it again: ${commandOf({ ...options, faults })} --trace`);
  console.log(`see it in a browser: ${pageCommandOf({ ...options, faults })}\n`);
}

function timesOf(faults: ReadonlyMap<string, number>): string {
  return [...faults]
    .sort()
    .map(([kind, times]) => `${kind} ${times}`)
    .join(', ');
}
