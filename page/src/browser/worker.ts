/** Runs the simulator beside the page, which stays responsive. */
import './globals.ts';
import { runSeed } from '@tablelab/part4/sim/run-seed';
import { unreachable } from '@tablelab/shared';
import { Recorder } from './recorder.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  carryOut(data).catch((error: unknown) => {
    send({ type: 'failed', text: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  });
});

async function carryOut(order: ToWorker): Promise<void> {
  switch (order.type) {
    case 'hashes':
      for (let seed = order.first; seed <= order.last; seed += 1) {
        const { hash } = await runSeed({ seed });
        send({ type: 'hash', seed, hash });
      }
      return;
    case 'record': {
      const recorder = new Recorder();
      const { seed } = order;
      const result = await runSeed({ seed, keepsTrace: true, onStep: (moment) => recorder.look(moment) });
      send({ type: 'recorded', recording: recorder.recording(result) });
      return;
    }
    default:
      unreachable(order);
  }
}

function send(message: FromWorker): void {
  postMessage(message);
}
