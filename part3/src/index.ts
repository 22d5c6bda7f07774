export { AsyncRemoteTable } from './async-remote-table.ts';
export { AsyncSkeleton } from './async-skeleton.ts';
export { AsyncTableServer, type AsyncTableServerOptions } from './async-table-server.ts';
export { operationFields, operationNumberOf } from './operation-number.ts';
export { TableStore, type TableStoreOptions, type Write } from './table-store.ts';
export { type Task, TaskQueue, type TaskQueueHandle } from './task-queue.ts';
