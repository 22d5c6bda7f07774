import { ChainStore } from '@tablelab/keyv';
import { TableError } from '@tablelab/shared';
import { eventually } from '@tablelab/shared/testing';
import Keyv from 'keyv';
import t, { type Test } from 'tap';
import { startChain } from './support/chain.ts';

/** What Keyv's own suite does not ask for, on a chain of two real servers. */

t.setTimeout(55_000);

const deadlineMs = 10_000;
const chain = await startChain(t, 2);
const table = await chain.connect();

/** A Keyv, and the errors that it reports. */
function keyvOf(t: Test, store: ChainStore, namespace: string) {
  const keyv = new Keyv({ store, namespace });
  const errors: string[] = [];
  keyv.on('error', (error) => errors.push(error instanceof TableError ? error.code : String(error)));
  t.teardown(() => keyv.clear());
  return { keyv, errors };
}

async function namesOf(prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const key of table.scan(prefix)) names.push(key);
  return names.sort();
}

t.test('prefix and namespace stand before the key; clear() leaves all others alone', async (t) => {
  await table.put('app/of another program', Buffer.from('1'));
  const [users, usersOld] = ['users', 'users-old'].map((namespace) =>
    keyvOf(t, new ChainStore(table, { prefix: 'app/' }), namespace),
  );
  await users?.keyv.set('ann', 1);
  await usersOld?.keyv.set('ann', 2);
  const all = ['app/of another program', 'app/users-old:ann', 'app/users:ann'];
  t.same(await namesOf('app/'), all);
  t.same(await users?.keyv.get('ann'), 1);
  await users?.keyv.clear();
  t.same(await namesOf('app/'), all.slice(0, 2));
  t.same(await usersOld?.keyv.get('ann'), 2);
  const store = new ChainStore(table, { prefix: 'app/' });
  await store.set('plain', 'text');
  await store.clear();
  t.same(await namesOf('app/'), [], 'without a namespace: all keys with the prefix');
  await t.rejects(new ChainStore(table).clear(), { code: 'BAD_REQUEST' });
});

t.test('texts and bytes, many at once', async (t) => {
  const store = new ChainStore(table);
  store.namespace = 'many';
  t.teardown(() => store.clear());
  const entries = Array.from({ length: 300 }, (_, n) => ({ key: `many:${n}`, value: `value ${n}` }));
  t.same(
    await store.setMany(entries),
    entries.map(() => true),
  );
  await store.set('many:bytes', Uint8Array.of(0, 255));
  const keys = [...entries.map(({ key }) => key), 'many:bytes', 'many:absent'];
  const values = [...entries.map(({ value }) => value), Uint8Array.of(0, 255), undefined];
  t.same(await store.getMany(keys), values);
  t.same(await store.hasMany(keys.slice(-2)), [true, false]);
  const found = new Map<string, unknown>();
  for await (const [key, value] of store.iterator()) found.set(key, value);
  t.equal(found.size, 301);
  t.equal(found.get('many:7'), 'value 7');
  t.equal(await store.deleteMany(['many:1', 'many:absent']), false, 'one was absent');
  t.equal(await store.deleteMany(['many:2', 'many:3']), true);
  t.equal(found.size - 3, (await namesOf('many:')).length);
});

t.test('an expired value is absent, and its memory free; a newer one is left alone', async (t) => {
  const store = new ChainStore(table);
  store.namespace = 'ttl';
  t.teardown(() => store.clear());
  await store.set('ttl:a', 'x'.repeat(10_000), 1);
  await eventually(async () => (await store.get('ttl:a')) === undefined, { deadlineMs });
  t.equal((await table.get('ttl:a'))?.length, 9, 'only its header is left');
  t.equal(await store.has('ttl:a'), false);
  for await (const entry of store.iterator()) t.fail(`${entry[0]} has expired`);
  await store.set('ttl:a', 'newer');
  t.equal(await store.get('ttl:a'), 'newer');
  for (const wrong of [0, -1, Number.NaN, '1' as never]) {
    await t.rejects(store.set('ttl:a', 'x', wrong), { code: 'BAD_REQUEST' });
  }
});

t.test('each failure is one event of Keyv; what Keyv cannot serialize is refused', async (t) => {
  const own = await chain.connect();
  const store = new ChainStore(own);
  const { keyv, errors } = keyvOf(t, store, 'errors');
  const without = new Keyv({ store, namespace: 'errors' });
  without.serialize = undefined;
  t.equal(await without.set('a', 1), false, 'no serializer');
  await keyv.disconnect();
  const before = errors.length;
  const expectError = async (what: string, call: Promise<unknown>, count = 1) => {
    const met = errors.length;
    await call.catch(() => undefined);
    t.same(
      errors.slice(met),
      Array.from({ length: count }, () => 'UNREACHABLE'),
      what,
    );
  };
  await expectError('get', keyv.get('a'));
  await expectError('getMany', keyv.get(['a', 'b']));
  await expectError('has', keyv.has('a'));
  await expectError('set', keyv.set('a', 1));
  await expectError(
    'setMany',
    keyv.setMany([
      { key: 'a', value: 1 },
      { key: 'b', value: 1 },
    ]),
    2,
  );
  await expectError('delete', keyv.delete('a'));
  await expectError('deleteMany', keyv.delete(['a', 'b']));
  await expectError('clear', keyv.clear());
  await expectError(
    'iterator',
    (async () => {
      for await (const _ of keyv.iterator?.(undefined) ?? []) t.fail();
    })(),
  );
  t.ok(errors.length > before);
  t.equal(await keyv.get('a'), undefined, 'Keyv throws only with throwOnErrors');
  keyv.throwOnErrors = true;
  await t.rejects(keyv.get('a'), { code: 'UNREACHABLE' });
  keyv.throwOnErrors = false;
  await t.rejects(new ChainStore(own).get('a'), { code: 'UNREACHABLE' }, 'without a listener');
});
