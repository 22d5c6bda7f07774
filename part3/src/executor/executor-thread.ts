import { parentPort, workerData } from 'node:worker_threads';
import { executeTasks } from './execute-tasks.ts';
import { attachParts, type ExecutorHandles } from './executor-handles.ts';

/** The second thread's program: it ends when the queue is closed and empty. */
const parts = attachParts(workerData as ExecutorHandles);
parentPort?.postMessage('ready');
executeTasks(parts);
