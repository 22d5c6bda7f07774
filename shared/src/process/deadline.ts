import { TableError } from '../errors.ts';

/**
 * Settles as `promise` does, if that happens within `deadlineMs`.
 * @param what names what is awaited: it follows "waited 100 ms for" in the error message.
 * @throws TableError TIMEOUT at the deadline. The work behind the promise continues; the caller has to end it.
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
