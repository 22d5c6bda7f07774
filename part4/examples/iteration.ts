import { ChainTable } from '@tablelab/part4';

const [zookeeper = '127.0.0.1:2181'] = process.argv.slice(2);
const table = await ChainTable.connect({ zookeeper });
try {
  for (const key of ['page:a', 'page:b', 'page:c']) await table.put(key, Buffer.from('1'));

  // All keys that begin with a prefix. The table has no order.
  const keys: string[] = [];
  for await (const key of table.scan('page:')) keys.push(key);
  console.log(keys.sort());

  // The same, page by page: one page may be empty although others follow.
  let from = 0;
  let count = 0;
  do {
    const page = await table.scanPage('page:', { from, limit: 2 });
    count += page.keys.length;
    from = page.next;
  } while (from !== 0);
  console.log('keys on all pages:', count);
} finally {
  await table.disconnect();
}
