import { spawn } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  /** All of the program's environment; default: {@link plainEnvironment}. */
  readonly env?: NodeJS.ProcessEnv;
  /** What the program reads from its standard input; by default that is empty. */
  readonly input?: string;
  readonly deadlineMs: number;
}

/** The last characters of a program's output that are kept. */
const outputLengthMax = 4 * 1_048_576;

/**
 * Runs a program to its end. Resolves with what it wrote to standard output and to standard error, together in the order
 * in which it came.
 * @throws Error with the end of its output, when it fails, cannot be started, or has not ended by the deadline; then it
 * has been killed, with all that it has started and that has not left its process group.
 */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  // Tap sets this variable for every child, whatever environment it is given.
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
  // A program need not read its input.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, options.deadlineMs);
  const end = await new Promise<number | NodeJS.Signals | Error | null>((resolve) => {
    child.once('error', resolve);
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  clearTimeout(timer);
  if (end === 0) return output;
  const why = late
    ? `not done after ${options.deadlineMs / 1000} s`
    : end instanceof Error
      ? end.message
      : `it ended with ${end}`;
  throw new Error(`${[command, ...args].join(' ')}: ${why}; the end of its output:\n${output.slice(-4_000)}`);
}

/** This process's environment as it was before npm and tap added theirs, which would lead another npm or tap astray. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const added =
    /^(npm_(?!config_)|npm_config_(local_prefix|workspaces?|include_workspace_root)$|INIT_CWD$|_?TAP|NODE_OPTIONS$|NODE_V8_COVERAGE$|NODE_CHANNEL)/i;
  const plain = Object.entries(process.env).filter(([name]) => !added.test(name));
  // npm and the bootstrap have put folders of node_modules first on PATH.
  const path = (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('/node_modules/'));
  return { ...Object.fromEntries(plain), PATH: path.join(':') };
}
