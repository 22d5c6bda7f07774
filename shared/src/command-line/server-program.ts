import type { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import type { ParseArgsOptionsConfig } from 'node:util';
import { errorText } from '../errors.ts';
import { type Arguments, parseArguments, UsageError } from './arguments.ts';

/** The parts in which the table servers of parts 2 to 4 differ, and the streams and signals that they use. */
export interface ServerProgram {
  /** The program's name; its messages begin with it. */
  readonly name: string;
  /** The text of --help, ending in a newline. */
  readonly usage: string;
  /** The names of the positional arguments, in order. All are required. */
  readonly parameters: readonly string[];
  /** Options besides --host and --help. */
  readonly options?: ParseArgsOptionsConfig;
  /** The arguments, without the paths of Node and of the script. */
  readonly argv: readonly string[];
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Emits SIGTERM and SIGINT: `process`, or a test's own emitter. */
  readonly signals: EventEmitter;
  /** Starts the server. Rejects with a UsageError for wrong arguments, with another error if the server cannot run. */
  start(args: ServerArguments): Promise<RunningServer>;
}

export interface ServerArguments {
  /** One for each parameter. */
  readonly positionals: readonly string[];
  /** --host: the address to listen on. Default: 127.0.0.1. */
  readonly host: string;
  /** The values of all options. */
  readonly values: Arguments['values'];
  /** Aborted by SIGTERM and SIGINT. A start that can take long then gives up and rejects, with any error. */
  readonly stop: AbortSignal;
}

export interface RunningServer {
  /** `host:port` where it accepts connections. */
  readonly address: string;
  /** Finishes the work in progress and stops, within a limit of its own. */
  close(): Promise<void>;
  /** Resolves with the reason if the server cannot continue. */
  readonly failed?: Promise<unknown>;
}

/**
 * Runs a server until SIGTERM or SIGINT. Prints `listening on HOST:PORT` to stdout once the server accepts connections,
 * and one line to stderr for an error. A second signal is not caught, so it ends the process at once.
 *
 * Resolves with the exit code: 0 after a signal, 2 for wrong arguments, 1 for a server that cannot start, cannot continue,
 * or cannot finish its work in progress.
 */
export async function runServerProgram(program: ServerProgram): Promise<number> {
  const { stdout, signals } = program;
  const stopping = new AbortController();
  const { promise: signalled, resolve: onSignal } = Promise.withResolvers<'signalled'>();
  const listener = () => {
    stopping.abort();
    onSignal('signalled');
  };
  // The reader of stdout may have gone (`table-server ... | true`); that is no error.
  stdout.on('error', () => undefined);
  signals.once('SIGTERM', listener);
  signals.once('SIGINT', listener);
  const code = await runUntil(signalled, program, stopping.signal);
  signals.off('SIGTERM', listener);
  signals.off('SIGINT', listener);
  return code;
}

/** Turns every error into an exit code. */
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
  const excess = positionals[parameters.length];
  if (excess !== undefined) throw new UsageError(`unexpected argument: ${JSON.stringify(excess)}`);
  return { positionals, host: String(values.host), values };
}
