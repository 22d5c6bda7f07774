export { assertLinearizable, check } from './check.ts';
export { type HistoryEvent, historyFileFrom, historyFileText } from './history-file.ts';
export { historyFromLines, historyToLines } from './history-lines.ts';
export { HistoryRecorder, type Result } from './history-recorder.ts';
export { describeOperation, type Operation, type Request } from './operation.ts';
