import { BroadcastChannel } from 'node:worker_threads';

export const gateChannel = 'tablelab-gate';

/** For the option `executorProgram`: an executor that waits until its gate is opened. */
export const gatedExecutor = new URL('./gated-executor.ts', import.meta.url);

/** A gate for an executor that has just been started, one at a time. Returns the function that opens it. */
export function closeGate(): () => void {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const channel = new BroadcastChannel(gateChannel);
  channel.postMessage(gate);
  channel.close();
  return () => {
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
  };
}
