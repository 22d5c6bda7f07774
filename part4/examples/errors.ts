import { ChainTable } from '@tablelab/part4';
import { TableError } from '@tablelab/shared';

const [zookeeper = '127.0.0.1:2181'] = process.argv.slice(2);
const table = await ChainTable.connect({ zookeeper });

/** What a program may do about a failed write. */
function advice({ code, mayHaveHappened }: TableError): string {
  if (mayHaveHappened) return 'read the key before you decide';
  if (code === 'BAD_REQUEST' || code === 'TOO_LARGE') return 'mend the program: no repeat helps';
  return 'nothing has changed: it may be repeated';
}

try {
  for (const [key, value] of [
    [1 as unknown as string, Buffer.from('the key is no string')],
    ['large', Buffer.alloc(17 * 1024 * 1024)],
  ] as const) {
    try {
      await table.put(key, value);
    } catch (error) {
      // Anything else is a bug, and no answer of the store.
      if (!(error instanceof TableError)) throw error;
      console.log(`${error.code}: ${advice(error)}`);
    }
  }
} finally {
  await table.disconnect();
}
