#!/usr/bin/env node
/**
 * `npm start`: a ZooKeeper, a chain of servers and the interactive client, all on this machine. When the client ends,
 * by `quit`, the end of its input or Ctrl-C, everything is stopped. Standard output carries the client's answers
 * alone; what the launcher has to say goes to standard error.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { errorText, TableError } from '@tablelab/shared';
import { ChildProgram, type ProgramExit, spawnProgram } from '@tablelab/shared/process';
import { provideZooKeeper, startZooKeeper } from '@tablelab/shared/zookeeper';

const usage = `usage: npm start -- [--servers N] [--lists N]

Starts a ZooKeeper, a chain of N servers (default 3) whose tables begin with N lists (default 1000), and a client.
The environment variable ZOOKEEPER=host:port names a running ZooKeeper to use instead of a new one.`;

const serversMax = 20;
const listsMax = 1_000_000;
const serverStartDeadlineMs = 30_000;
const stopDeadlineMs = 10_000;

/** How much of its standard error is shown of a server that ended by itself. */
const linesShownMax = 10;

const usageExitCode = 2;
const signalExitCodes: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGKILL: 137,
  SIGTERM: 143,
};

interface Settings {
  readonly servers: number;
  readonly lists: number;
}

/** What runs, in the order of its start; stopped in the opposite order. */
const running: { readonly stop: () => Promise<void> }[] = [];

/** Rejects at a signal, or at the end of the process that started this one; never resolves. */
const interrupted = Promise.withResolvers<never>();
interrupted.promise.catch(() => undefined);
let interruptedBy: NodeJS.Signals | undefined;

const settings = readSettings();
if (typeof settings === 'number') {
  process.exitCode = settings;
} else {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt(signal));
  process.once('disconnect', () => interrupt('SIGHUP'));
  try {
    process.exitCode = await runChain(settings);
  } catch (error) {
    if (interruptedBy === undefined) say(errorText(error));
    process.exitCode = interruptedBy === undefined ? 1 : signalExitCodes[interruptedBy];
  } finally {
    for (const part of running.reverse()) await part.stop();
    // Listening on the channel to the bootstrap keeps this process alive.
    if (process.connected) process.disconnect();
  }
}

/** Runs until the client has ended; returns its exit code. */
async function runChain({ servers, lists }: Settings): Promise<number> {
  const zooKeeper = process.env.ZOOKEEPER || (await ownZooKeeper());
  const started = Array.from({ length: servers }, (_, index) => startServer(index + 1, lists, zooKeeper));
  await Promise.all(started);
  const client = new ChildProgram(process.execPath, [programFile('table-client.ts'), zooKeeper], {
    stdio: 'terminal',
  });
  running.push({ stop: () => client.stop({ deadlineMs: stopDeadlineMs }) });
  return exitCodeOf(await Promise.race([client.exited, interrupted.promise]));
}

async function ownZooKeeper(): Promise<string> {
  const installation = provideZooKeeper(say);
  const starting = startZooKeeper({ installation });
  // Also when a signal comes while it is starting, it has to be stopped.
  running.push({ stop: () => starting.then((server) => server.stop()).catch(() => undefined) });
  const server = await Promise.race([starting, interrupted.promise]);
  say(`ZooKeeper on ${server.address}, process ${server.pid}`);
  return server.address;
}

async function startServer(number: number, lists: number, zooKeeper: string): Promise<void> {
  const server = spawnProgram(programFile('table-server.ts'), ['0', String(lists), zooKeeper]);
  let stopping = false;
  running.push({
    stop: () => {
      stopping = true;
      return server.stop({ deadlineMs: stopDeadlineMs });
    },
  });
  const ready = server.waitForLine(/^listening on (\S+)$/, serverStartDeadlineMs);
  const line = await Promise.race([ready, interrupted.promise]);
  say(`server ${number} on ${line[1]}, process ${server.pid}`);
  server.exited.then(({ code, signal }) => {
    if (stopping) return;
    const lastLines = server.stderrLines.slice(-linesShownMax).map((text) => `\n  ${text}`);
    say(`server ${number} ended (${signal ?? `exit code ${code}`})${lastLines.join('')}`);
  });
}

/** The first signal counts: Ctrl-C reaches the whole group, and npm passes its own on as well. */
function interrupt(signal: NodeJS.Signals): void {
  interruptedBy ??= signal;
  interrupted.reject(new TableError('SHUTTING_DOWN', `interrupted by ${signal}`));
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
    console.error(`${errorText(error)}\n${usage}`);
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

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
