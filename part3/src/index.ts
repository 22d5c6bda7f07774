export { AsyncRemoteTable } from './client/async-remote-table.ts';
export { operationFields, operationNumberOf } from './operation-number.ts';
export { AsyncSkeleton } from './server/async-skeleton.ts';
export { AsyncTableServer, type AsyncTableServerOptions } from './server/async-table-server.ts';
export { type ConnectionCounts, connectionCounts, fewConnectionsText } from './server/connection-counts.ts';
export { Deferred } from './server/deferred.ts';
export { addDiskMetrics } from './server/disk-metrics.ts';
export { KeyLister } from './server/key-lister.ts';
export { addCounter, addGauge, createMetrics } from './server/metrics.ts';
export { MetricsEndpoint } from './server/metrics-endpoint.ts';
export {
  defaultBufferBytesMax,
  MultiplexingServer,
  type MultiplexingServerOptions,
} from './server/multiplexing-server.ts';
export { RefusalCounts } from './server/refusal-counts.ts';
export { RequestCounts } from './server/request-counts.ts';
export type { RequestHandler, RequestSource } from './server/requests-in-hand.ts';
export {
  type DataArguments,
  dataArguments,
  dataOptions,
  jsonLogger,
  memoryBytesMax,
  metricsAddress,
  operatorOptions,
} from './server/server-arguments.ts';
export { SharedTable } from './shared-memory/shared-table.ts';
export type { SharedTableHandle } from './shared-memory/table-memory.ts';
export { TableWalk } from './shared-memory/table-walk.ts';
export { entriesIn, entryEnd } from './store/entries-in.ts';
export { defaultMemoryBytesMax } from './store/memory-allowance.ts';
export { type ExecutionFigures, type ExecutionOptions, TableExecution } from './store/table-execution.ts';
export { type Admission, TableStore, type Write } from './store/table-store.ts';
export { type Task, TaskQueue, type TaskQueueHandle } from './store/task-queue.ts';
