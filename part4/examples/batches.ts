import { batch, ChainTable } from '@tablelab/part4';

const [zookeeper = '127.0.0.1:2181'] = process.argv.slice(2);
const table = await ChainTable.connect({ zookeeper });
try {
  // The items may come from a file or be endless: an item is taken only when there is room.
  const items = Array.from({ length: 1_000 }, (_, n) => ({ key: `item:${n}`, value: Buffer.from(`${n}`) }));
  let stored = 0;
  for await (const { item, error } of batch(items, ({ key, value }) => table.put(key, value), {
    inFlightMax: 64,
  })) {
    if (error === undefined) stored += 1;
    else console.error(item.key, error.code, error.mayHaveHappened);
  }
  console.log('stored:', stored);

  const keys = ['item:1', 'item:2', 'nothing'];
  for await (const { item, value } of batch(keys, (key) => table.get(key))) {
    console.log(item, value && Buffer.from(value).toString());
  }
} finally {
  await table.disconnect();
}
