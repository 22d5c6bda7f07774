#!/usr/bin/env node
/**
 * `npm start`: a ZooKeeper, a chain of servers and the interactive client, all on this machine. When the client ends,
 * by `quit`, the end of its input or Ctrl-C, everything is stopped. Standard output carries only the client's answers;
 * messages of the launcher go to standard error.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseAddress } from '@tablelab/part2';
import { errorText, TableError } from '@tablelab/shared';
import { endWithoutOutput, usageErrorText } from '@tablelab/shared/command-line';
import { ChildProgram, type ProgramExit, spawnProgram } from '@tablelab/shared/process';
import { fourLetterWord, provideZooKeeper, startZooKeeper } from '@tablelab/shared/zookeeper';
import { parseZooKeeperAddress } from '../adapters/zookeeper/server-addresses.ts';

const usage = `usage: npm start -- [--servers N] [--lists N]

Starts a ZooKeeper, a chain of N servers (default 3) whose tables begin with N lists (default 1000), a dashboard in the
browser, whose address it prints, and a client.
The environment variable ZOOKEEPER=host:port[/path] names a running ZooKeeper to use instead of a new one.`;

const serversMax = 20;
const listsMax = 1_000_000;
const serverStartDeadlineMs = 30_000;
const dashboardStartDeadlineMs = 10_000;
const stopDeadlineMs = 10_000;
const totalLossGraceMs = 10_000;

/** A running ZooKeeper must answer within this time; otherwise nothing is started. */
const zooKeeperAnswerDeadlineMs = 5_000;

/** How many lines of its standard error are shown when a server has ended unexpectedly. */
const linesShownMax = 10;

const usageExitCode = 2;
const signalExitCodes: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGQUIT: 131,
  SIGKILL: 137,
  SIGTERM: 143,
};

/** What the dashboard's controls send to a server. */
const controlSignals = { kill: 'SIGKILL', pause: 'SIGSTOP', resume: 'SIGCONT', stop: 'SIGTERM' } as const;

interface Settings {
  readonly servers: number;
  readonly lists: number;
}

interface Part {
  readonly stop: () => Promise<void>;
}

interface Client extends Part {
  /** Has it show a line; says whether it could be told. */
  readonly notify: (line: string) => boolean;
}

interface Server {
  readonly number: number;
  readonly address: string;
  readonly program: ChildProgram;
}

/** The programs that have been started. `members`: the servers that have joined the chain. */
const running: { zooKeeper?: Part; servers: Part[]; members: Server[]; dashboard?: Part; client?: Client } = {
  servers: [],
  members: [],
};
let stopping = false;
/** How many servers have been started in all, and how many are on their way. */
let started = 0;
let adding = 0;

/** Aborted at a signal, or at the end of the process that started this one. */
const interruption = new AbortController();
let interruptedBy: NodeJS.Signals | undefined;

endWithoutOutput('npm start');
const settings = readSettings();
if (typeof settings === 'number') {
  process.exitCode = settings;
} else {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)
    process.on(signal, () => interrupt(signal));
  process.once('disconnect', () => interrupt('SIGHUP'));
  try {
    process.exitCode = await runChain(settings);
  } catch (error) {
    if (interruptedBy === undefined) say(errorText(error));
    process.exitCode = interruptedBy === undefined ? 1 : signalExitCodes[interruptedBy];
  } finally {
    await stopAll();
    // Listening on the channel to the bootstrap keeps this process alive.
    if (process.connected) process.disconnect();
  }
}

/** Runs until the client has ended; returns its exit code. */
async function runChain({ servers, lists }: Settings): Promise<number> {
  const given = process.env.ZOOKEEPER;
  if (given) await checkZooKeeper(given);
  const zooKeeper = given || (await ownZooKeeper());
  // One after the other: each server joins at the end, so their numbers are their places in the chain.
  while (started < servers) {
    started += 1;
    await startServer(started, lists, zooKeeper);
  }
  await startDashboard(zooKeeper, lists);
  const client = new ChildProgram(process.execPath, [programFile('table-client.ts'), zooKeeper], {
    stdio: 'terminal',
    channel: true,
  });
  running.client = {
    stop: () => client.stop({ deadlineMs: stopDeadlineMs }),
    notify: (line) => client.notify(line),
  };
  return exitCodeOf(await unlessInterrupted(client.exited));
}

/** @throws TableError when none of its servers answers; the chain's servers would wait much longer. */
async function checkZooKeeper(addresses: string): Promise<void> {
  const { servers } = parseZooKeeperAddress(addresses);
  const answers = servers.map((address) => {
    return fourLetterWord('srvr', parseAddress(address), zooKeeperAnswerDeadlineMs, interruption.signal);
  });
  try {
    await unlessInterrupted(Promise.any(answers));
  } catch (error) {
    if (!(error instanceof AggregateError)) throw error;
    const reasons = error.errors.map(errorText).join('; ');
    throw new TableError('UNREACHABLE', `ZOOKEEPER=${addresses}: ${reasons}`, { cause: error });
  }
}

async function ownZooKeeper(): Promise<string> {
  const installation = provideZooKeeper(say);
  const starting = startZooKeeper({ installation, stop: interruption.signal });
  running.zooKeeper = { stop: () => starting.then((server) => server.stop()).catch(() => undefined) };
  const server = await unlessInterrupted(starting);
  say(`ZooKeeper on ${server.address}, process ${server.pid}`);
  server.exited.then((exit) => {
    if (!stopping) say(`ZooKeeper ended (${exitText(exit)}): the chain cannot go on for long without it`);
  });
  return server.address;
}

async function startServer(number: number, lists: number, zooKeeper: string): Promise<void> {
  // A chain that is started to try it out does not wait long for the data of one that is gone.
  const totalLoss = ['--on-total-loss', 'start-empty', '--total-loss-grace', String(totalLossGraceMs)];
  const server = spawnProgram(programFile('table-server.ts'), ['0', String(lists), zooKeeper, ...totalLoss]);
  const stop = () => {
    // One that is paused would not hear that it is to stop.
    server.kill('SIGCONT');
    return server.stop({ deadlineMs: stopDeadlineMs });
  };
  running.servers.push({ stop });
  const ready = server.waitForLine(/^listening on (\S+)$/, serverStartDeadlineMs);
  const line = await unlessInterrupted(ready);
  running.members.push({ number, address: line[1] ?? '', program: server });
  say(`server ${number} on ${line[1]}, process ${server.pid}`);
  server.exited.then((exit) => {
    if (stopping) return;
    const lastLines = server.stderrLines.slice(-linesShownMax).map((text) => `\n  ${text}`);
    say(`server ${number} ended (${exitText(exit)})${lastLines.join('')}`);
  });
}

/** A chain without it is as good, so nothing that goes wrong with it ends anything else. A copy without the page does not have it. */
async function startDashboard(zooKeeper: string, lists: number): Promise<void> {
  const file = join(import.meta.dirname, '../../../page/src/programs/table-dashboard.ts');
  if (!existsSync(file)) return;
  const dashboard = spawnProgram(file, [zooKeeper, '0', '--controls'], {
    channel: true,
    onMessage: async (message) => {
      const { id, ...asked } = JSON.parse(message) as { id: number } & Control;
      const reply = await act(asked, zooKeeper, lists).then(
        (text) => ({ text }),
        (error) => ({ error: errorText(error) }),
      );
      dashboard.notify(JSON.stringify({ id, ...reply }));
    },
  });
  running.dashboard = { stop: () => dashboard.stop({ deadlineMs: stopDeadlineMs }) };
  const ready = dashboard.waitForLine(/^listening on (\S+)$/, dashboardStartDeadlineMs);
  try {
    const [, url] = await unlessInterrupted(ready);
    say(`dashboard on ${url}`);
  } catch (error) {
    if (interruption.signal.aborted) throw error;
    say(`no dashboard: ${errorText(error)}`);
  }
}

/** What the dashboard asks for. `address` is that of a server; `add` has none. */
interface Control {
  readonly do: 'kill' | 'pause' | 'resume' | 'stop' | 'add';
  readonly address?: string;
}

/** Resolves with what has been done. */
async function act({ do: action, address }: Control, zooKeeper: string, lists: number): Promise<string> {
  if (action === 'add') {
    const alive = running.members.filter(({ program }) => program.running).length;
    if (stopping || alive + adding >= serversMax) throw new TableError('BUSY', `there are ${alive} servers`);
    adding += 1;
    started += 1;
    const number = started;
    try {
      await startServer(number, lists, zooKeeper);
      return `server ${number} is in the chain`;
    } finally {
      adding -= 1;
    }
  }
  const server = running.members.find((one) => one.address === address && one.program.running);
  if (server === undefined) throw new TableError('BAD_REQUEST', `npm start has no server on ${address}`);
  // It would hear of it only after it is resumed.
  if (action === 'stop') server.program.kill('SIGCONT');
  server.program.kill(controlSignals[action]);
  return `${action}: server ${server.number}`;
}

/** Each program needs the later ones for a clean shutdown, so the client stops first and ZooKeeper last. */
async function stopAll(): Promise<void> {
  stopping = true;
  await Promise.all([running.client?.stop(), running.dashboard?.stop()]);
  await Promise.all(running.servers.map((server) => server.stop()));
  await running.zooKeeper?.stop();
}

/** Only the first signal counts: Ctrl-C reaches the whole group, and npm forwards its own as well. */
function interrupt(signal: NodeJS.Signals): void {
  interruptedBy ??= signal;
  interruption.abort(new TableError('SHUTTING_DOWN', `interrupted by ${interruptedBy}`));
}

/** The outcome of `promise`, unless the interruption comes first: then it rejects. */
async function unlessInterrupted<T>(promise: Promise<T>): Promise<T> {
  const { signal } = interruption;
  const interrupted = Promise.withResolvers<never>();
  const listener = () => interrupted.reject(signal.reason);
  if (signal.aborted) listener();
  signal.addEventListener('abort', listener);
  try {
    return await Promise.race([promise, interrupted.promise]);
  } finally {
    signal.removeEventListener('abort', listener);
  }
}

function exitText({ code, signal }: ProgramExit): string {
  return signal ?? `exit code ${code}`;
}

function exitCodeOf({ code, signal }: ProgramExit): number {
  return code ?? (signal === null ? 1 : (signalExitCodes[signal] ?? 1));
}

/** The settings, or the exit code when there is nothing to run. */
function readSettings(): Settings | number {
  try {
    const { values } = parseArgs({
      options: {
        servers: { type: 'string', default: '3' },
        lists: { type: 'string', default: '1000' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      console.log(usage);
      return 0;
    }
    return {
      servers: wholeNumber('--servers', values.servers, serversMax),
      lists: wholeNumber('--lists', values.lists, listsMax),
    };
  } catch (error) {
    process.stderr.write(usageErrorText('npm start', usage, error));
    return usageExitCode;
  }
}

function wholeNumber(option: string, text: string, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= max) return value;
  throw new TableError('BAD_REQUEST', `${option} ${text}: a whole number from 1 to ${max} is needed`);
}

function programFile(name: string): string {
  return join(import.meta.dirname, name);
}

/** The client shows a line above what is being typed; written to the terminal from here, the line would cut into it. */
function say(line: string): void {
  if (!running.client?.notify(line)) process.stderr.write(`${line}\n`);
}
