import type { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import type { ParseArgsOptionsConfig } from 'node:util';
import { errorText } from '../errors.ts';
import { type Arguments, parseArguments, UsageError } from './arguments.ts';

/** What every table-server program is given. */
export interface ServerProgram {
  /** The program's name, which its messages begin with. */
  readonly name: string;
  /** The text of --help, ending in a newline. */
  readonly usage: string;
  /** The names of the arguments, in order; each is needed. */
  readonly parameters: readonly string[];
  /** Options beside --host and --help. */
  readonly options?: ParseArgsOptionsConfig;
  /** Without the names of Node and of the script. */
  readonly argv: readonly string[];
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Where SIGTERM and SIGINT arrive: `process`. */
  readonly signals: EventEmitter;
  /** Starts the server. A UsageError means wrong arguments, any other error that it cannot run. */
  start(args: ServerArguments): Promise<RunningServer>;
}

export interface ServerArguments {
  /** As many as there are parameters. */
  readonly positionals: readonly string[];
  /** --host: the address to listen on, 127.0.0.1 unless given. */
  readonly host: string;
  /** All options. */
  readonly values: Arguments['values'];
  /** Aborted at SIGTERM and SIGINT: a start that may take long is to give up then, by rejecting with anything. */
  readonly stop: AbortSignal;
}

export interface RunningServer {
  /** `host:port` where it accepts connections. */
  readonly address: string;
  /** Finishes what is in hand and stops, within a time of its own. */
  close(): Promise<void>;
  /** Resolves, with the reason, should the server be unable to go on. */
  readonly failed?: Promise<unknown>;
}

/**
 * Runs a server until SIGTERM or SIGINT. Prints `listening on HOST:PORT` on stdout once it accepts connections, and
 * one line on stderr for whatever goes wrong. A second signal is not caught: it ends the process at once.
 *
 * Resolves with the exit code: 0 after a signal, 2 for wrong arguments, 1 for a server that cannot start, go on or finish
 * what is in hand.
 */
export async function runServerProgram(program: ServerProgram): Promise<number> {
  const { stdout, signals } = program;
  const stopping = new AbortController();
  const { promise: signalled, resolve: onSignal } = Promise.withResolvers<'signalled'>();
  const listener = () => {
    stopping.abort();
    onSignal('signalled');
  };
  // Whoever started the server may not want to hear where it listens (`table-server ... | true`).
  stdout.on('error', () => undefined);
  signals.once('SIGTERM', listener);
  signals.once('SIGINT', listener);
  const code = await runUntil(signalled, program, stopping.signal);
  signals.off('SIGTERM', listener);
  signals.off('SIGINT', listener);
  return code;
}

/** Whatever goes wrong becomes an exit code. */
async function runUntil(
  signalled: Promise<'signalled'>,
  program: ServerProgram,
  stop: AbortSignal,
): Promise<number> {
  const { name, usage, stdout, stderr } = program;
  try {
    const args = serverArguments(program);
    if (args === 'help') {
      stdout.write(usage);
      return 0;
    }
    const server = await startUnlessStopped(program, { ...args, stop });
    if (server === undefined) return 0;
    stdout.write(`listening on ${server.address}\n`);
    const never = new Promise<never>(() => undefined);
    const end = await Promise.race([signalled, server.failed ?? never]);
    await server.close();
    if (end === 'signalled') return 0;
    stderr.write(`${name}: ${errorText(end)}\n`);
    return 1;
  } catch (error) {
    stderr.write(`${name}: ${errorText(error)}\n`);
    if (!(error instanceof UsageError)) return 1;
    stderr.write(usage);
    return 2;
  }
}

/** Undefined where a signal called the start off. What goes wrong later, in closing too, is a failure all the same. */
async function startUnlessStopped(
  program: ServerProgram,
  args: ServerArguments,
): Promise<RunningServer | undefined> {
  try {
    return await program.start(args);
  } catch (error) {
    if (args.stop.aborted) return undefined;
    throw error;
  }
}

function serverArguments({
  argv,
  options,
  parameters,
}: ServerProgram): Omit<ServerArguments, 'stop'> | 'help' {
  const { positionals, values } = parseArguments(argv, {
    host: { type: 'string', default: '127.0.0.1' },
    help: { type: 'boolean', short: 'h', default: false },
    ...options,
  });
  if (values.help === true) return 'help';
  // An unset variable in a script, as a rule; to Node it would mean every address of this machine.
  if (values.host === '') throw new UsageError('--host is an address, not nothing');
  const missing = parameters[positionals.length];
  if (missing !== undefined) throw new UsageError(`${missing} is missing`);
  const excess = positionals[parameters.length];
  if (excess !== undefined) throw new UsageError(`one argument too many: ${JSON.stringify(excess)}`);
  return { positionals, host: String(values.host), values };
}
