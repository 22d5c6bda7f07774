export { assertLinearizable, check } from './check.ts';
export { historyFromLines, historyToLines } from './history-lines.ts';
export { HistoryRecorder, type Result } from './history-recorder.ts';
export { describeOperation, type Operation, type Request } from './operation.ts';
