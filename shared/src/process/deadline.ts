import { TableError } from '../errors.ts';

/**
 * The outcome of `promise`, if it comes within `deadlineMs`.
 * @param what what is waited for, as it should read after "waited 100 ms for".
 * @throws TableError TIMEOUT otherwise. The work behind the promise goes on: whoever started it has to end it.
 */
export async function withDeadline<T>(promise: Promise<T>, deadlineMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new TableError('TIMEOUT', `waited ${deadlineMs} ms for ${what}`, { mayHaveHappened: true }));
    }, deadlineMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
