/** Runs the simulator beside the page, which stays responsive. */
import './globals.ts';
import { editListFrom } from '@tablelab/part4/sim/edit-list';
import { runEdits } from '@tablelab/part4/sim/run-edits';
import { type Moment, runSeed } from '@tablelab/part4/sim/run-seed';
import { TableError, unreachable } from '@tablelab/shared';
import { playLesson } from './play-lesson.ts';
import { Recorder } from './recorder.ts';
import { runOptionsOf } from './run-options.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  carryOut(data).catch((error: unknown) => {
    send({ type: 'failed', text: textOf(error) });
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
      const { run } = order;
      const { edits } = run;
      const options = {
        ...runOptionsOf(run),
        keepsTrace: true,
        onStep: (moment: Moment) => recorder.look(moment),
      };
      const result =
        edits === undefined
          ? await runSeed(options)
          : await runEdits({ ...options, edits: editListFrom(edits) });
      send({ type: 'recorded', run, recording: recorder.recording(result) });
      return;
    }
    case 'lesson': {
      const { name } = order;
      send({ type: 'lesson', name, played: await playLesson(name) });
      return;
    }
    default:
      unreachable(order);
  }
}

function send(message: FromWorker): void {
  postMessage(message);
}

/** A wrong list of edits is the reader's to mend, so its message is enough. */
function textOf(error: unknown): string {
  if (error instanceof TableError && error.code === 'BAD_REQUEST') return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
