/** The real executor thread, which waits until its {@link Gate} is opened. */
import {
  BroadcastChannel,
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  workerData,
} from 'node:worker_threads';
import { must } from '@tablelab/shared';
import { executeTasks } from '../../src/executor/execute-tasks.ts';
import { attachParts, type ExecutorHandles } from '../../src/executor/executor-handles.ts';
import { gateChannel } from './gate.ts';

const parts = attachParts(workerData as ExecutorHandles);
const channel = new BroadcastChannel(gateChannel);
// Node takes either kind; its types know of one.
const port = channel as unknown as MessagePort;
let gate: Int32Array | undefined;

parentPort?.postMessage('ready');
executeTasks({
  ...parts,
  tableLock: {
    lockLowPriority() {
      gate ??= must(receiveMessageOnPort(port), 'the gate is sent before the first task')
        .message as Int32Array;
      Atomics.wait(gate, 0, 0);
      parts.tableLock.lockLowPriority();
    },
    unlock: () => parts.tableLock.unlock(),
  },
});
channel.close();
