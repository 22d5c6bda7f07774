export { assertLinearizable, type CheckOptions, type CheckResult, check } from './check.ts';
export { historyFromLines, historyToLines } from './history-lines.ts';
export { HistoryRecorder, type Result } from './history-recorder.ts';
export { type Answered, describeOperation, type Operation, type Request, type Value } from './operation.ts';
