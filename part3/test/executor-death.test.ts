import { ErrorNumber, Opcode } from '@tablelab/part2';
import { AsyncSkeleton, TableStore } from '@tablelab/part3';
import t from 'tap';
import {
  dyingExecutor,
  patient,
  put,
  putRequest,
  startStore,
  submit,
  untilThrows,
} from './support/stores.ts';

// A test for each: to fill a heap takes a second, and several on a machine that has much else to do.
for (const [key, message] of [
  ['die:exit-0', /^the executor thread has died: it ended itself with code 0$/],
  ['die:heap', /^the executor thread has died: .*memory/],
] as const) {
  t.test(
    `an executor that dies (${key}) ends the store: nobody waits for it, everybody hears why (part3/README.md#threads-death)`,
    async (t) => {
      // One place: an executor may begin before it is woken, and would have executed an earlier write by now.
      const store = await startStore(t, { executorProgram: dyingExecutor, tasksMax: 1 });
      const error = { name: 'TableError', code: 'INTERNAL', message };
      submit(store, put(key, '1'));
      const waiting = new AsyncSkeleton(store, patient).invoke(putRequest('b', '2'));
      t.match(await store.failed, error);
      const heard = { opcode: Opcode.OP_ERROR, detail: message };
      t.match(await waiting, heard, 'a write that waits for room hears of it');
      t.match(store.submit(put('b', '2')), { type: 'refused', error });
      t.throws(() => store.table.get('a'), error, 'reads are refused, though the lock may be held for ever');
      await store.close();
    },
  );
}

t.test(
  'an executor that never releases a lock is considered dead (part3/README.md#threads-hang)',
  async (t) => {
    const died = { code: 'INTERNAL' };
    const hung = await startStore(t, { executorProgram: dyingExecutor, tasksMax: 1 });
    submit(hung, put('die:hang', '1'));
    const blocked = new AsyncSkeleton(hung, { roomTimeoutMs: 20 }).invoke(putRequest('a', '1'));
    t.match(
      await blocked,
      { opcode: Opcode.OP_ERROR, error: ErrorNumber.BUSY },
      'a write waits for room no longer than it may: BUSY',
    );
    await t.rejects(
      untilThrows(() => hung.table.get('a')),
      died,
      'a read that finds the lock held gives up',
    );
    t.match(await hung.failed, died);
    await hung.close();

    const queueHeld = await startStore(t, { executorProgram: dyingExecutor });
    const write = put('a', '1');
    submit(queueHeld, put('die:hang-queue', '1'));
    await t.rejects(
      untilThrows(() => submit(queueHeld, write)),
      died,
    );
    t.match(await queueHeld.failed, died);
    t.throws(() => submit(queueHeld, write), died);
  },
);

t.test(
  'closing: an executor that dies meanwhile is an error; one that does not start is one at once (part3/README.md#threads-death)',
  async (t) => {
    const store = await TableStore.start({ nLists: 1, executorProgram: dyingExecutor });
    submit(store, put('die:throw', '1'));
    await t.rejects(store.close(), { code: 'INTERNAL', message: /a bug in the table/ });
    const left = await TableStore.start({ nLists: 1, executorProgram: dyingExecutor });
    submit(left, put('die:exit-0', '1'));
    submit(left, put('a', '1'));
    const message = 'the executor thread has died: it left 2 writes';
    await t.rejects(left.close(), { name: 'TableError', code: 'INTERNAL', message });
    t.match(await left.failed, { message }, 'who ends as if it were done is found out');
    await t.rejects(
      TableStore.start({
        nLists: 1,
        executorProgram: new URL('./sandboxed/stillborn-executor.ts', import.meta.url),
      }),
      { code: 'INTERNAL', message: /cannot start/ },
    );
    for (const options of [{ nLists: 0 }, { nLists: 1, tasksMax: 0 }, { nLists: 1, memoryBytesMax: 1 }]) {
      await t.rejects(TableStore.start(options), { code: 'BAD_REQUEST' });
    }
  },
);
