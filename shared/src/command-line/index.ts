export { type Arguments, integerArgument, parseArguments, UsageError } from './arguments.ts';
export {
  type RunningServer,
  runServerProgram,
  type ServerArguments,
  type ServerProgram,
} from './server-program.ts';
