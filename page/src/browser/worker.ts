/** Runs the simulator beside the page, which stays responsive. What it imports may fail, as it has the core of a student. */
import type { ToWorker } from './worker-messages.ts';

const early: ToWorker[] = [];
const keep = ({ data }: MessageEvent<ToWorker>) => void early.push(data);

addEventListener('message', keep);
try {
  const { carryOut } = (await import(
    new URL('./work.ts', import.meta.url).href
  )) as typeof import('./work.ts');
  removeEventListener('message', keep);
  addEventListener('message', ({ data }: MessageEvent<ToWorker>) => void carryOut(data));
  postMessage({ type: 'ready' });
  for (const order of early) void carryOut(order);
} catch (error) {
  postMessage({
    type: 'failed',
    text: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
}
