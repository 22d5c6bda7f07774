export { type Arguments, integerArgument, parseArguments, UsageError, usageErrorText } from './arguments.ts';
export { endWithoutOutput, LineOutput, readerGoneExitCode, standardOutput } from './output.ts';
export {
  type RunningServer,
  runServerProgram,
  type ServerArguments,
  type ServerProgram,
} from './server-program.ts';
