export { assertLinearizable, check } from './check.ts';
export { historyFromLines, historyToLines } from './history-lines.ts';
export { HistoryRecorder } from './history-recorder.ts';
export { describeOperation, type Operation, type Request } from './operation.ts';
