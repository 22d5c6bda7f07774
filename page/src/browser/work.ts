/** What the worker does. */
import './globals.ts';
import { editListFrom } from '@tablelab/part4/sim/edit-list';
import { runEdits } from '@tablelab/part4/sim/run-edits';
import { type Moment, runSeed } from '@tablelab/part4/sim/run-seed';
import { TableError, unreachable } from '@tablelab/shared';
import { coreIn } from './core-in.ts';
import { checkedHistory } from './history-file.ts';
import { playLesson } from './play-lesson.ts';
import { Recorder } from './recorder.ts';
import { runOptionsOf } from './run-options.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** How often the page hears that a run goes on, in milliseconds. */
const progressMs = 50;

export async function carryOut(order: ToWorker): Promise<void> {
  try {
    await perform(order);
  } catch (error) {
    send({ type: 'failed', text: textOf(error) });
  }
}

async function perform(order: ToWorker): Promise<void> {
  switch (order.type) {
    case 'hashes':
      for (let seed = order.first; seed <= order.last; seed += 1) {
        const { hash } = await runSeed({ seed });
        send({ type: 'hash', seed, hash });
      }
      return;
    case 'record': {
      const recorder = new Recorder();
      const { run, core } = order;
      const { edits } = run;
      const options = {
        ...runOptionsOf(run),
        ...(core === undefined ? {} : { Core: await coreIn(core) }),
        keepsTrace: true,
        onStep: (moment: Moment) => {
          tellProgress(moment);
          recorder.look(moment);
        },
      };
      const list = edits === undefined ? undefined : editListFrom(edits);
      const running = list === undefined ? runSeed(options) : runEdits({ ...options, edits: list });
      const result = await running.catch((error: unknown) => recorder.endedBy(run.seed, textOf(error)));
      send({ type: 'recorded', run, recording: recorder.recording(result) });
      return;
    }
    case 'lesson': {
      const { name, core } = order;
      send({ type: 'lesson', name, played: await playLesson(name, { core, onStep: tellProgress }) });
      return;
    }
    case 'history':
      send({ type: 'history', history: checkedHistory(order.text) });
      return;
    default:
      unreachable(order);
  }
}

let toldAt = 0;

function tellProgress({ world }: Moment): void {
  const now = performance.now();
  if (now < toldAt + progressMs) return;
  toldAt = now;
  send({ type: 'progress', steps: world.steps });
}

function send(message: FromWorker): void {
  postMessage(message);
}

/** A wrong list of edits is the reader's to mend, so its message is enough. */
function textOf(error: unknown): string {
  if (error instanceof TableError && error.code === 'BAD_REQUEST') return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
