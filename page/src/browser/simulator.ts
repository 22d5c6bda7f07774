import type { FromWorker, ToWorker } from './worker-messages.ts';

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });

export function ask(order: ToWorker): void {
  worker.postMessage(order);
}

/** `take` gets what the simulator reports; an error in the worker itself is reported as `failed`, too. */
export function listen(take: (message: FromWorker) => void): void {
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => take(data));
  worker.addEventListener('error', ({ message }) => {
    take({ type: 'failed', text: message || 'the simulator could not be loaded' });
  });
}
