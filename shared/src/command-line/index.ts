export { type Arguments, integerArgument, parseArguments, UsageError } from './arguments.ts';
export { readLines } from './lines.ts';
export { LineOutput } from './output.ts';
export { openPrompt, type Prompt, type PromptOptions } from './prompt.ts';
export {
  type RunningServer,
  runServerProgram,
  type ServerArguments,
  type ServerProgram,
} from './server-program.ts';
