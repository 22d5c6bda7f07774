import { connect } from 'node:net';
import { TableError } from '../errors.ts';
import { withDeadline } from '../process/deadline.ts';

/** A ZooKeeper's answer is about a page of text. */
const answerLengthMax = 1_048_576;

/**
 * Sends a four-letter word (`srvr`, `ruok`, `mntr`) to a ZooKeeper and returns the whole answer.
 * @param stop when aborted, the call gives up at once, as if the server did not answer
 * @throws TableError UNREACHABLE when no server answers; TIMEOUT when the answer is not complete by the deadline
 */
export async function fourLetterWord(
  word: string,
  server: { readonly host: string; readonly port: number },
  deadlineMs: number,
  stop?: AbortSignal,
): Promise<string> {
  const socket = connect({ host: server.host, port: server.port, ...(stop && { signal: stop }) });
  const answer = new Promise<string>((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(word));
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > answerLengthMax) socket.destroy(new Error('the answer is too long'));
    });
    socket.on('end', () => resolve(text));
    socket.on('error', (error) => {
      const where = `${server.host}:${server.port}`;
      reject(new TableError('UNREACHABLE', `no answer from ${where}: ${error.message}`, { cause: error }));
    });
  });
  try {
    return await withDeadline(answer, deadlineMs, `the answer to ${word}`);
  } finally {
    socket.destroy();
  }
}
