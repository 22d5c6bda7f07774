import { ChainTable } from '@tablelab/part4';
import { TableError } from '@tablelab/shared';

const [zookeeper = '127.0.0.1:2181'] = process.argv.slice(2);

/** Prints how a call ends. */
async function show(what: string, call: Promise<unknown>): Promise<void> {
  try {
    console.log(what, 'done:', await call);
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    console.log(what, error.code, 'may have happened:', error.mayHaveHappened);
  }
}

// Nobody has begun a chain at this path, so every call waits until its deadline.
const nobody = await ChainTable.connect({ zookeeper: `${zookeeper}/nobody`, deadlineMs: 60_000 });
try {
  await show('a deadline of its own:', nobody.put('a', Buffer.from('1'), { deadlineMs: 200 }));

  const controller = new AbortController();
  const waiting = show('aborted:', nobody.get('a', { signal: controller.signal }));
  controller.abort();
  await waiting;

  // One signal for several calls; here it also ends when its time is over.
  const signal = AbortSignal.any([new AbortController().signal, AbortSignal.timeout(100)]);
  await Promise.all([show('first:', nobody.size({ signal })), show('second:', nobody.has('a', { signal }))]);
} finally {
  await nobody.disconnect();
}
