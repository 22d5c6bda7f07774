export { AsyncRemoteTable } from './async-remote-table.ts';
export { AsyncSkeleton } from './async-skeleton.ts';
export { AsyncTableServer } from './async-table-server.ts';
export { operationFields, operationNumberOf } from './operation-number.ts';
export { TableStore, type TableStoreOptions, type Task } from './table-store.ts';
export { TaskQueue } from './task-queue.ts';
