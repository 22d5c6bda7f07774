export { AsyncRemoteTable } from './async-remote-table.ts';
export { AsyncSkeleton } from './async-skeleton.ts';
export { AsyncTableServer, type AsyncTableServerOptions } from './async-table-server.ts';
export { entriesIn } from './entries-in.ts';
export { operationFields, operationNumberOf } from './operation-number.ts';
export type { Cursor, EntriesRead } from './shared-memory/table-walk.ts';
export { TableStore, type TableStoreOptions, type Write } from './table-store.ts';
export { type Task, TaskQueue, type TaskQueueHandle } from './task-queue.ts';
