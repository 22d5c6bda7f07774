export { ChildProgram, type ProgramExit, type ProgramOptions, spawnProgram } from './child-program.ts';
export { withDeadline } from './deadline.ts';
export { freePort } from './free-port.ts';
export { Guard } from './guard.ts';
export { signalGroup } from './signal-group.ts';
export { TemporaryFolder } from './temporary-folder.ts';
