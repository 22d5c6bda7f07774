import { BroadcastChannel } from 'node:worker_threads';
import { TableStore, type TableStoreOptions } from '@tablelab/part3';

export const gateChannel = 'tablelab-gate';

/** A store whose executor executes nothing before the gate is opened. One at a time. */
export async function startGated(
  options: Partial<TableStoreOptions> = {},
): Promise<{ store: TableStore; openGate: () => void }> {
  const executorProgram = new URL('./gated-executor.ts', import.meta.url);
  const store = await TableStore.start({ nLists: 1, ...options, executorProgram });
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const channel = new BroadcastChannel(gateChannel);
  channel.postMessage(gate);
  channel.close();
  const openGate = () => {
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
  };
  return { store, openGate };
}
