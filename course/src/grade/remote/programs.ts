/**
 * Programs of the kit that a test starts run in a sandbox: with the submission's files, and in the judge's network. The test sees the
 * program that it has started: its output, its exit code, and its process number.
 */
import childProcess, { type ChildProcess, type SpawnOptions } from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { join, sep } from 'node:path';
import { processTree } from '../process-tree.ts';
import { sandboxed, userOf } from '../sandbox.ts';
import type { JudgeSettings } from './judge-settings.ts';
import { hostEnvironment, kitFolder, nodeFile } from './host-command.ts';

type Spawn = (command: string, args: readonly string[], options: SpawnOptions) => ChildProcess;

/** Bubblewrap has two processes of its own before the program. */
const programDepth = 2;

/** From now on, `spawn` starts a program of the part in a sandbox. */
export function sandboxPrograms({ reference, part, kit, sandbox, limits }: JudgeSettings): void {
  const original = childProcess.spawn as Spawn;
  const isProgram = (argument: string) => argument.startsWith(join(reference, part) + sep);
  const isMounted = sandbox === 'bubblewrap';
  let programs = 0;
  const inKit = (argument: string) =>
    isProgram(argument) ? join(isMounted ? kitFolder : kit, argument.slice(reference.length)) : argument;
  const inSandbox = (argument: string) =>
    argument === process.execPath && isMounted ? nodeFile : inKit(argument);

  const spawn: Spawn = (command, args, options) => {
    if (!args.some(isProgram)) return original(command, args, options);
    programs += 1;
    const [wrapper = '', ...wrapped] = sandboxed({
      kind: sandbox,
      mounts: [
        { from: kit, to: kitFolder },
        { from: process.execPath, to: nodeFile },
      ],
      command: [command, ...args].map(inSandbox),
      env: { ...hostEnvironment, LC_ALL: 'C' },
      limits,
      user: userOf(programs),
      hasNetwork: true,
    });
    const child = original(wrapper, wrapped, { ...options, cwd: undefined });
    return isMounted ? asProgram(child) : child;
  };
  Object.assign(childProcess, { spawn });
  syncBuiltinESMExports();
}

/** Signals are for the program itself, and so is what a test asks about its process. */
function asProgram(child: ChildProcess): ChildProcess {
  const wrapper = child.pid;
  const wrapperKill = child.kill.bind(child);
  const program = () => (wrapper === undefined ? undefined : processTree(wrapper)[programDepth]);
  const kill = (signal?: NodeJS.Signals | number): boolean => {
    const pid = child.exitCode === null && child.signalCode === null ? program() : undefined;
    return pid === undefined ? wrapperKill(signal) : process.kill(pid, signal);
  };
  Object.defineProperty(child, 'pid', { get: () => program() ?? wrapper });
  return Object.assign(child, { kill });
}
