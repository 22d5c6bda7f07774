import { spawn } from 'node:child_process';
import { signalGroup } from '@tablelab/shared/process';

export interface RunOptions {
  readonly cwd?: string;
  /** The program's whole environment. Default: {@link plainEnvironment}. */
  readonly env?: NodeJS.ProcessEnv;
  /** The program's standard input. Default: empty. */
  readonly input?: string;
  readonly deadlineMs: number;
}

/** How many of the last characters of a program's output are kept. */
const outputLengthMax = 4 * 1_048_576;

/**
 * Runs a program to its end. Resolves with its standard output and standard error, mixed in the order in which they
 * arrived. At the deadline it kills the program and all processes of its group.
 * @throws Error with the end of the output, when the program fails, cannot be started, or has not ended by the deadline
 */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  // Tap adds this variable to the environment of every child.
  const child = spawn('env', ['-u', 'NODE_OPTIONS', command, ...args], {
    cwd: options.cwd,
    env: options.env ?? plainEnvironment(),
    stdio: 'pipe',
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      output = (output + text).slice(-outputLengthMax);
    });
  }
  // A program may end without reading its input.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    signalGroup(child.pid, 'SIGKILL');
  }, options.deadlineMs);
  const end = await new Promise<number | NodeJS.Signals | Error | null>((resolve) => {
    child.once('error', resolve);
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  clearTimeout(timer);
  if (end === 0) return output;
  const why = late
    ? `it did not end within ${options.deadlineMs / 1000} s`
    : end instanceof Error
      ? end.message
      : `it ended with ${end}`;
  throw new Error(`${[command, ...args].join(' ')}: ${why}; the end of its output:\n${output.slice(-4_000)}`);
}

/** This process's environment without the variables that npm and tap added, which would confuse another npm or tap. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const added =
    /^(npm_(?!config_)|npm_config_(local_prefix|workspaces?|include_workspace_root)$|INIT_CWD$|_?TAP|NODE_OPTIONS$|NODE_V8_COVERAGE$|NODE_CHANNEL)/i;
  const plain = Object.entries(process.env).filter(([name]) => !added.test(name));
  // npm and the bootstrap have added folders of node_modules to PATH.
  const path = (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('/node_modules/'));
  return { ...Object.fromEntries(plain), PATH: path.join(':') };
}
