import { type ExecutionOptions, TableStore } from '@tablelab/part3';
import { closeGate, gatedExecutor } from './gate.ts';

/** A store whose executor waits until the gate is opened. */
export async function startGated(
  options: Partial<ExecutionOptions>,
): Promise<{ store: TableStore; openGate: () => void }> {
  const store = await TableStore.start({ nLists: 1, ...options, executorProgram: gatedExecutor });
  return { store, openGate: closeGate() };
}
