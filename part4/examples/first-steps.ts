import { ChainTable, formatName } from '@tablelab/part4';

const [zookeeper = '127.0.0.1:2181'] = process.argv.slice(2);
const table = await ChainTable.connect({ zookeeper, deadlineMs: 10_000 });
try {
  // A value is bytes; a text needs an encoding.
  const name = await table.put('fruit', Buffer.from('apple'));
  const value = await table.get('fruit');
  console.log('fruit:', value && Buffer.from(value).toString());
  console.log('absent:', await table.get('vegetable'));

  // Every write has a name. It can be kept, printed, and asked for later, also by another client.
  console.log(/^\d+:\d+$/.test(formatName(name)), await table.verify(name));

  const { applied } = await table.del('fruit');
  console.log('deleted:', applied, 'left:', await table.has('fruit'));
} finally {
  await table.disconnect();
}
