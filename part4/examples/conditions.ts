import { ChainTable } from '@tablelab/part4';

const [zookeeper = '127.0.0.1:2181'] = process.argv.slice(2);
const table = await ChainTable.connect({ zookeeper });

/** Adds 1 to a number that several clients may change at the same time. */
async function increment(key: string): Promise<number> {
  for (;;) {
    const old = await table.get(key);
    const next = Number(old === undefined ? 0 : Buffer.from(old)) + 1;
    const value = Buffer.from(String(next));
    const { applied } =
      old === undefined ? await table.putIfAbsent(key, value) : await table.putIfEquals(key, old, value);
    // Otherwise another client was faster: look again.
    if (applied) return next;
  }
}

try {
  await table.del('visits');
  await Promise.all([increment('visits'), increment('visits'), increment('visits')]);
  console.log('visits:', Buffer.from((await table.get('visits')) ?? []).toString());
} finally {
  await table.disconnect();
}
