import { Outcomes } from '../shared-memory/outcomes.ts';
import { SharedCounter } from '../shared-memory/shared-counter.ts';
import { SharedHistogram } from '../shared-memory/shared-histogram.ts';
import { SharedTable } from '../shared-memory/shared-table.ts';
import type { SharedTableHandle } from '../shared-memory/table-memory.ts';
import { TaskQueue, type TaskQueueHandle } from '../store/task-queue.ts';
import type { ExecutorParts } from './execute-tasks.ts';
import { Progress } from './progress.ts';

/** Everything that the executor's thread shares with main. Can be sent to a worker. */
export interface ExecutorHandles {
  readonly queue: TaskQueueHandle;
  readonly table: SharedTableHandle;
  readonly opCount: SharedArrayBuffer;
  readonly executedBytes: SharedArrayBuffer;
  readonly outcomes: SharedArrayBuffer;
  readonly progress: SharedArrayBuffer;
  readonly waitTime: SharedArrayBuffer;
  readonly executionTime: SharedArrayBuffer;
}

/** Makes the objects from their handles, in the executor's thread. */
export function attachParts(handles: ExecutorHandles): ExecutorParts {
  const table = SharedTable.attach(handles.table);
  return {
    queue: TaskQueue.attach(handles.queue),
    table,
    tableLock: table.mutex,
    opCount: new SharedCounter(handles.opCount),
    executedBytes: new SharedCounter(handles.executedBytes),
    outcomes: new Outcomes(handles.outcomes),
    progress: new Progress(handles.progress),
    waitTime: new SharedHistogram(handles.waitTime),
    executionTime: new SharedHistogram(handles.executionTime),
  };
}
