import { setImmediate, setTimeout } from 'node:timers/promises';
import { entriesIn } from '@tablelab/part3';
import { logicalEntryBytes } from '@tablelab/shared';
import t, { type Test } from 'tap';
import { closeGate, gatedExecutor } from '../../part3/test/sandboxed/gate.ts';
import {
  TableReplicaStore,
  type TableReplicaStoreOptions,
} from '../src/adapters/store/table-replica-store.ts';

const deadlineMs = 20_000;

const put = (key: string, value: string) => ({ op: 'put', key, data: Buffer.from(value) }) as const;
const del = (key: string) => ({ op: 'del', key }) as const;
const text = (value: Uint8Array | undefined) =>
  value === undefined ? undefined : Buffer.from(value).toString();

/** A store whose executor waits until the gate is opened. */
async function startGated(t: Test, options: Omit<TableReplicaStoreOptions, 'nLists'>) {
  const store = await TableReplicaStore.start({ nLists: 1, ...options, executorProgram: gatedExecutor });
  const openGate = closeGate();
  t.teardown(() => {
    openGate();
    return store.close();
  });
  return { store, openGate };
}

/** Waits until the condition holds. */
async function until(what: string, condition: () => boolean): Promise<void> {
  for (const deadline = performance.now() + deadlineMs; !condition(); ) {
    if (performance.now() > deadline) throw new Error(`${what}: not in all that time`);
    await setTimeout(1);
  }
}

t.test('main executes a few short writes itself while the executor is idle', async (t) => {
  const { store, openGate } = await startGated(t, { mainWritesMax: 3 });
  const counts: number[] = [];
  store.onExecuted((executed) => counts.push(executed));
  for (const write of [put('a', '1'), put('b', '1'), del('a')]) t.equal(store.submit(write), true);
  t.equal(store.executed, 3, 'they are executed');
  t.same(counts, [], 'listeners hear of them in a turn of its own');
  await setImmediate();
  t.same(counts, [3]);
  t.same(store.table.keys(), ['b']);

  store.submit({ op: 'put', key: 'a', data: new Uint8Array(4_097) });
  t.equal(store.executed, 3, 'a long one is for the executor');
  store.submit(put('a', '2'));
  t.equal(store.executed, 3, 'and so is what comes behind it');
  openGate();
  await until('both are executed', () => store.executed === 5);
  t.equal(text(store.table.get('a')), '2', 'in the order in which they came');

  await setImmediate();
  for (const value of ['0', '1', '2']) store.submit(put('a', value));
  t.equal(store.executed, 8, 'once it is done main goes on');
  store.submit(del('a'));
  t.equal(store.executed, 8, 'with no more than its limit in one turn');
  await store.close();
  t.equal(store.executed, 9);
});

t.test('a listener that submits writes also gets reports of writes by main', async (t) => {
  const { store } = await startGated(t, {});
  const counts: number[] = [];
  store.onExecuted((executed) => {
    counts.push(executed);
    if (executed < 5) store.submit(put('a', `${executed}`));
  });
  store.submit(put('a', '0'));
  await until('five writes are reported', () => counts.at(-1) === 5);
  t.same(counts, [1, 2, 3, 4, 5]);
});

t.test('a full queue: the store reports it, and reports when there is room', async (t) => {
  const { store, openGate } = await startGated(t, { mainWritesMax: 0, tasksMax: 2 });
  let rooms = 0;
  store.onRoom(() => {
    rooms += 1;
  });
  t.same(
    [put('a', '1'), put('b', '2'), put('c', '3')].map((write) => store.submit(write)),
    [true, true, false],
  );
  t.equal(store.submitted, 2);
  await setImmediate();
  t.equal(rooms, 0, 'there is none yet');
  openGate();
  await until('room', () => rooms === 1);
  t.equal(store.submit(put('c', '3')), true);
  await store.close();
  t.same(store.table.keys().toSorted(), ['a', 'b', 'c']);
});

t.test('the logical size is that of the executed writes', async (t) => {
  const { store, openGate } = await startGated(t, { mainWritesMax: 1, memoryBytesMax: 1 << 20 });
  const entryBytes = logicalEntryBytes('käy 1'.length + 1, 3);
  t.equal(store.logicalBytesOf('käy 1'), 0);
  store.submit(put('käy 1', 'abc'));
  store.submit(put('käy 2', 'abc'));
  t.equal(store.logicalBytes, entryBytes, 'main has executed the first one');
  t.equal(store.logicalBytesOf('käy 1'), entryBytes);
  t.equal(store.logicalBytesOf('käy 2'), 0);
  openGate();
  await until('both are executed', () => store.executed === 2);
  t.equal(store.logicalBytes, 2 * entryBytes);
  t.ok(store.logicalCapacityBytes > 0.9 * 2 ** 20, `a capacity of ${store.logicalCapacityBytes} bytes`);
});

t.test('entries are in the state after the writes below `executed`', async (t) => {
  const store = await TableReplicaStore.start({ nLists: 1 });
  t.teardown(() => store.close());
  let checked = 0;
  let amidWrites = 0;
  // One key, whose value says which write it was: what is read of it is that of the last write that is counted.
  for (let n = 0; n < 20_000; n += 1) {
    store.submit(put('key', `${n}`));
    if (n % 100 !== 99) continue;
    await setImmediate();
    const { entries, executed } = store.readEntries(0, 1_000);
    if (executed < store.submitted) amidWrites += 1;
    for (const { value } of entriesIn(entries)) {
      checked += 1;
      if (text(value) !== `${executed - 1}`) t.fail(`${text(value)} after ${executed} writes`);
    }
    if (!t.passing()) break;
  }
  t.ok(
    checked > 50 && amidWrites > 10,
    `${checked} looks at the key, ${amidWrites} while writes were under way`,
  );
});

t.test('an executor that dies: the store reports it, and accepts nothing more', async (t) => {
  const executorProgram = new URL('../../part3/test/sandboxed/dying-executor.ts', import.meta.url);
  const store = await TableReplicaStore.start({ nLists: 1, mainWritesMax: 0, executorProgram });
  const failed = new Promise<string>((resolve) => store.onFailed(resolve));
  t.equal(store.submit(put('die:exit', '1')), true);
  t.match(await failed, /^the executor thread has died: it ended itself with code 3/);
  t.equal(store.submit(put('a', '1')), false);
  t.throws(() => store.table.get('a'), { code: 'INTERNAL' });
  await store.close();
});
