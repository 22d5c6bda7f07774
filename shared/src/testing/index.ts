export {
  ChildProgram,
  freePort,
  type ProgramExit,
  type ProgramOptions,
  spawnProgram,
  withDeadline,
} from '../process/index.ts';
export { startZooKeeper, type ZooKeeperOptions, type ZooKeeperServer } from '../zookeeper/index.ts';
export { bounded } from './bounded.ts';
export { cases } from './cases.ts';
export { eventually } from './eventually.ts';
export { isAlive } from './is-alive.ts';
export { isPaused, pauseProcess } from './pause.ts';
export { forgetInput, statedInput, stateInput } from './stated-input.ts';
export { type SystemCall, systemCalls } from './system-calls.ts';
export { TextSink } from './text-sink.ts';
