import type { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import type { ParseArgsOptionsConfig } from 'node:util';
import { errorText } from '../errors.ts';
import { type Arguments, parseArguments, UsageError, usageErrorText } from './arguments.ts';
import { LineOutput } from './output.ts';

/** The parts in which the table servers of parts 2 to 4 differ, and the streams and signals that they use. */
export interface ServerProgram {
  /** The program's name; its messages begin with it. */
  readonly name: string;
  /** The text of --help, ending in a newline. */
  readonly usage: string;
  /** The names of the positional arguments, in order. All are required. */
  readonly parameters: readonly string[];
  /** The names of those that may follow. */
  readonly optionalParameters?: readonly string[];
  /** Options besides --host and --help. */
  readonly options?: ParseArgsOptionsConfig;
  /** The arguments, without the paths of Node and of the script. */
  readonly argv: readonly string[];
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Emits {@link endSignals}: `process`, or a test's own emitter. */
  readonly signals: EventEmitter;
  /** Starts the server. Rejects with a UsageError for wrong arguments, with another error if the server cannot run. */
  start(args: ServerArguments): Promise<RunningServer>;
}

export interface ServerArguments {
  /** One for each parameter, and for each optional one that was given. */
  readonly positionals: readonly string[];
  /** --host: the address to listen on. Default: 127.0.0.1. */
  readonly host: string;
  /** The values of all options. */
  readonly values: Arguments['values'];
  /** Aborted by a signal. A start that can take long then gives up and rejects, with any error. */
  readonly stop: AbortSignal;
}

export interface RunningServer {
  /** `host:port` where it accepts connections. */
  readonly address: string;
  /** Finishes the work in progress and stops, within a time limit. */
  close(): Promise<void>;
  /** Resolves with the reason if the server cannot continue. */
  readonly failed?: Promise<unknown>;
}

/** The signals that shut a server down cleanly: a request, Ctrl-C, the end of its terminal, Ctrl-\. */
const endSignals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Runs a server until one of the {@link endSignals}. Prints `listening on HOST:PORT` to stdout once the server accepts connections,
 * and one line to stderr for an error. A second signal is not caught, so it ends the process at once.
 *
 * Resolves with the exit code: 0 after a signal, 2 for wrong arguments, 1 for a server that cannot start, cannot continue,
 * or cannot finish its work in progress.
 */
export async function runServerProgram(program: ServerProgram): Promise<number> {
  const { signals } = program;
  const stopping = new AbortController();
  const { promise: signalled, resolve: onSignal } = Promise.withResolvers<'signalled'>();
  const listener = () => {
    stopping.abort();
    onSignal('signalled');
  };
  for (const signal of endSignals) signals.once(signal, listener);
  const code = await runUntil(signalled, program, stopping.signal);
  for (const signal of endSignals) signals.off(signal, listener);
  return code;
}

/** Turns every error into an exit code. */
async function runUntil(
  signalled: Promise<'signalled'>,
  program: ServerProgram,
  stop: AbortSignal,
): Promise<number> {
  const { name, usage, stderr } = program;
  const output = new LineOutput(program.stdout);
  // A log without a reader, or on a full disk, must not end the server.
  stderr.on('error', () => undefined);
  try {
    const args = serverArguments(program);
    if (args === 'help') {
      await output.write(usage);
      if (output.failure !== undefined) throw output.failure;
      return 0;
    }
    const server = await startUnlessStopped(program, { ...args, stop });
    if (server === undefined) return 0;
    await output.print(`listening on ${server.address}`);
    // The server is useful without that line.
    if (output.failure !== undefined) stderr.write(`${name}: ${errorText(output.failure)}\n`);
    const never = new Promise<never>(() => undefined);
    const end = await Promise.race([signalled, server.failed ?? never]);
    await server.close();
    if (end === 'signalled') return 0;
    stderr.write(`${name}: ${errorText(end)}\n`);
    return 1;
  } catch (error) {
    const misused = error instanceof UsageError;
    stderr.write(misused ? usageErrorText(name, usage, error) : `${name}: ${errorText(error)}\n`);
    return misused ? 2 : 1;
  }
}

/** Undefined when a signal cancelled the start. An error after the start is reported even after a signal. */
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
  optionalParameters = [],
}: ServerProgram): Omit<ServerArguments, 'stop'> | 'help' {
  const { positionals, values } = parseArguments(argv, {
    host: { type: 'string', default: '127.0.0.1' },
    help: { type: 'boolean', short: 'h', default: false },
    ...options,
  });
  if (values.help === true) return 'help';
  // Usually an unset variable in a script. Node would take it to mean all addresses of this machine.
  if (values.host === '') throw new UsageError('--host is an address, not an empty text');
  const missing = parameters[positionals.length];
  if (missing !== undefined) throw new UsageError(`${missing} is missing`);
  const excess = positionals[parameters.length + optionalParameters.length];
  if (excess !== undefined) throw new UsageError(`unexpected argument: ${JSON.stringify(excess)}`);
  return { positionals, host: String(values.host), values };
}
