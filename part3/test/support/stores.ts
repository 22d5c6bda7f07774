import { setTimeout } from 'node:timers/promises';
import {
  ContentType,
  decodeMessage,
  encodeMessage,
  FrameDecoder,
  type Message,
  type MessageFields,
  Opcode,
} from '@tablelab/part2';
import { type Admission, type ExecutionOptions, TableStore, type Write } from '@tablelab/part3';
import { must } from '@tablelab/shared';
import type { Test } from 'tap';
import { startGated } from '../sandboxed/gated-store.ts';
import { bytes } from './start-server.ts';

export const mebibyte = 1024 * 1024;

export const put = (key: string, value: string) => ({ op: 'put', key, data: bytes(value) }) as const;
export const del = (key: string) => ({ op: 'del', key, data: new Uint8Array(0) }) as const;

/** A message as a server gets it: encoded and decoded. */
export function received(fields: MessageFields): Message {
  const [payload] = new FrameDecoder().push(encodeMessage(fields));
  return decodeMessage(must(payload, 'a whole frame'));
}

export const putRequest = (key: string, value: string) =>
  received({ opcode: Opcode.OP_PUT, c_type: ContentType.CT_ENTRY, key, data: bytes(value) });

/** The deadline for expected events, long enough for a busy machine. */
export const patient = { roomTimeoutMs: 20_000 };

/** The number of a write for which there is room. */
export function submit(store: TableStore, write: Write): number {
  const admission = store.submit(write);
  if (admission.type === 'admitted') return admission.opN;
  throw admission.type === 'refused' ? admission.error : new Error('there is no room for this write');
}

/** The decision about a write, which is asked for again while it has to wait: how a store makes writes wait is another step. */
export async function decide(store: TableStore, write: Write): Promise<Admission> {
  const deadline = performance.now() + patient.roomTimeoutMs;
  for (;;) {
    const admission = store.submit(write);
    if (admission.type !== 'wait') return admission;
    if (performance.now() > deadline) throw new Error('there was no room for this write');
    await setTimeout(1);
  }
}

export async function submitPatiently(store: TableStore, write: Write): Promise<number> {
  const admission = await decide(store, write);
  if (admission.type === 'refused') throw admission.error;
  return admission.opN;
}

/** Repeats `attempt` until it throws, and rejects with that error, because the executor may take a while. */
export async function untilThrows(attempt: () => void): Promise<void> {
  const deadline = performance.now() + patient.roomTimeoutMs;
  while (performance.now() < deadline) {
    attempt();
    await setTimeout(5);
  }
}

export async function startStore(t: Test, options: Partial<ExecutionOptions> = {}): Promise<TableStore> {
  const store = await TableStore.start({ nLists: 1, ...options });
  t.teardown(() => store.close());
  return store;
}

export async function startGatedStore(
  t: Test,
  options: Partial<ExecutionOptions>,
): Promise<{ store: TableStore; openGate: () => void }> {
  const { store, openGate } = await startGated(options);
  t.teardown(() => {
    openGate();
    return store.close();
  });
  return { store, openGate };
}

export const dyingExecutor = new URL('../sandboxed/dying-executor.ts', import.meta.url);
