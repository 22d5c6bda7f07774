/**
 * A well-behaved client in a thread of its own: asks for one value after the other, and notes how long each answer takes,
 * with the time to connect where there is no connection. With `reconnects` it connects for each value: a server of part 2
 * serves one client at a time.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { ContentType, encodeMessage, Opcode } from '@tablelab/part2';
import { open, replies } from './targets.ts';

const pauseMs = 1;
const request = encodeMessage({ opcode: Opcode.OP_GET, c_type: ContentType.CT_KEY, key: 'observed' });

interface ObserverOptions {
  readonly port: number;
  readonly reconnects: boolean;
}

interface Observed {
  readonly longestMs: number;
  /** The number of connections that were lost. */
  readonly lost: number;
  /** The number of answers. */
  readonly answered: number;
}

/** Starts an observer; the returned function stops it. */
export async function startObserver(options: ObserverOptions): Promise<() => Promise<Observed>> {
  const thread = new Worker(new URL(import.meta.url), { workerData: options });
  await once(thread, 'message');
  return async () => {
    thread.postMessage('stop');
    const [observed] = await once(thread, 'message');
    return observed;
  };
}

async function observe({ port, reconnects }: ObserverOptions): Promise<void> {
  let stopped = false;
  let lost = 0;
  let answered = 0;
  let longestMs = 0;
  parentPort?.on('message', () => {
    stopped = true;
  });
  parentPort?.postMessage('started');
  let socket: Socket | undefined;
  while (!stopped) {
    const startedMs = performance.now();
    try {
      socket ??= await open(port, []);
      const answer = replies(socket, 1);
      socket.write(request);
      await answer;
      answered += 1;
    } catch {
      lost += 1;
      socket = undefined;
    }
    longestMs = Math.max(longestMs, performance.now() - startedMs);
    if (reconnects) {
      socket?.destroy();
      socket = undefined;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  socket?.destroy();
  parentPort?.postMessage({ longestMs, lost, answered } satisfies Observed);
  parentPort?.close();
}

if (!isMainThread) await observe(workerData);
