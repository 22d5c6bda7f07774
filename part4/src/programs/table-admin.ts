#!/usr/bin/env node
/**
 * Shows the servers of the chain, and carries out an operator's decision when the chain cannot continue automatically.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { errorText, TableError } from '@tablelab/shared';
import { endWithoutOutput, parseArguments, UsageError, usageErrorText } from '@tablelab/shared/command-line';
import { nodeRandomness } from '../adapters/node/node-randomness.ts';
import { ZooKeeperSession } from '../adapters/zookeeper/zookeeper-session.ts';
import { type ChainSurvey, surveyChain } from '../admin/chain-survey.ts';
import { beginEmpty, discardRecord, goOn } from '../admin/recovery.ts';
import { describeChain, isServed } from '../admin/report.ts';
import { membersIn } from '../core/directory.ts';

const usage = `Usage: table-admin <zookeeper> status
       table-admin <zookeeper> recover [--go-on ADDRESS,... | --begin-empty | --discard-record]

status   shows the servers of the chain, head first, and those that wait to join. Exit code 0: head and tail have all data.
recover  repairs a chain that cannot go on by itself. Without an option it changes nothing: it shows which server holds what.

  <zookeeper>             where ZooKeeper is: host:port[,host:port][/path]
  --go-on ADDRESS,...     the chain goes on with the data of these waiting servers. Data that only others hold is lost to
                          the chain; they keep it, and stay outside, until they are started again
  --begin-empty           the chain begins anew, without any data
  --discard-record        a record that cannot be read is emptied; the servers in the chain write it again
  -h, --help              show this text
`;

const sessionTimeoutMs = 10_000;

/** The time limits for ZooKeeper's answer, and until the servers have carried out a decision, in milliseconds. */
const connectDeadlineMs = 10_000;
const recoverDeadlineMs = 20_000;
const lookEveryMs = 100;

/** The length of a chain's name, as chosen by servers. */
const chainDigits = 16;

const programName = 'table-admin';

endWithoutOutput(programName);
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError;
  const text = isUsage ? usageErrorText(programName, usage, error) : `${programName}: ${errorText(error)}\n`;
  process.stderr.write(text);
  process.exitCode = isUsage ? 2 : 1;
}

async function run(argv: readonly string[]): Promise<number> {
  const { positionals, values } = parseArguments(argv, {
    'go-on': { type: 'string' },
    'begin-empty': { type: 'boolean', default: false },
    'discard-record': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const [zookeeper, command, excess] = positionals;
  if (zookeeper === undefined || command === undefined)
    throw new UsageError('<zookeeper> and a command are needed');
  if (excess !== undefined) throw new UsageError(`unexpected argument: ${JSON.stringify(excess)}`);
  const decision = decisionIn(values);
  if (command !== 'status' && command !== 'recover') {
    throw new UsageError(`there is no command ${JSON.stringify(command)}`);
  }
  if (command === 'status' && decision !== undefined) throw new UsageError('status changes nothing');
  const session = await ZooKeeperSession.open({ servers: zookeeper, sessionTimeoutMs, connectDeadlineMs });
  try {
    return command === 'status' ? await status(session) : await recover(session, decision);
  } finally {
    await session.close();
  }
}

type Decision =
  | { readonly type: 'go-on'; readonly addresses: readonly string[] }
  | { readonly type: 'begin-empty' }
  | { readonly type: 'discard-record' };

function decisionIn(values: ReturnType<typeof parseArguments>['values']): Decision | undefined {
  const decisions: Decision[] = [];
  const addresses = values['go-on'];
  if (typeof addresses === 'string') decisions.push({ type: 'go-on', addresses: addresses.split(',') });
  if (values['begin-empty'] === true) decisions.push({ type: 'begin-empty' });
  if (values['discard-record'] === true) decisions.push({ type: 'discard-record' });
  if (decisions.length > 1) throw new UsageError('one decision at a time');
  return decisions[0];
}

async function status(session: ZooKeeperSession): Promise<number> {
  const survey = await surveyed(session);
  console.log(describeChain(survey));
  return isServed(survey) ? 0 : 1;
}

async function recover(session: ZooKeeperSession, decision: Decision | undefined): Promise<number> {
  const survey = await surveyed(session);
  if (decision === undefined) {
    console.log(describeChain(survey));
    return 0;
  }
  const newChain = nodeRandomness.hex(chainDigits);
  if (decision.type === 'discard-record') {
    await discardRecord(session, survey);
    return outcome(session, ({ record }) => record !== undefined);
  }
  const { chain } =
    decision.type === 'go-on'
      ? await goOn(session, survey, { addresses: decision.addresses, newChain })
      : await beginEmpty(session, survey, newChain);
  return outcome(session, (now) => now.record?.chain === chain && membersIn(now).length > 0);
}

/** Waits until the servers have carried out the decision, and shows the result. */
async function outcome(session: ZooKeeperSession, isDone: (survey: ChainSurvey) => boolean): Promise<number> {
  const deadline = performance.now() + recoverDeadlineMs;
  for (;;) {
    const survey = await surveyed(session);
    if (isDone(survey)) {
      console.log(describeChain(survey));
      return 0;
    }
    if (performance.now() > deadline) {
      console.log(describeChain(survey));
      const text = `decided, but no server has gone on within ${recoverDeadlineMs} ms: look at the servers’ messages`;
      throw new TableError('TIMEOUT', text, { mayHaveHappened: true });
    }
    await wait(lookEveryMs);
  }
}

function surveyed(session: ZooKeeperSession): Promise<ChainSurvey> {
  return surveyChain(session, (line) => console.error(`${programName}: ${line}`));
}
