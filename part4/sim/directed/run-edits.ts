import { endingOf, Lost } from '../run-ending.ts';
import { type RunOptions, type RunResult, runSeed } from '../run-seed.ts';
import { DirectedRun } from './directed-run.ts';
import type { EditList } from './edit-list.ts';
import { EditScript } from './edit-script.ts';

/** How long a run goes on after its last edit until nothing is left to do, in milliseconds. */
const restMs = { min: 1_000, max: 25_000 };

/** No run takes longer, in milliseconds. */
const endMsMax = 660_000;

export type EditedRunOptions = Omit<RunOptions, 'edits'> & { readonly edits: EditList };

/** Runs a seed with the edits of a list. The same seed and the same edits give the same run. */
export async function runEdits(options: EditedRunOptions): Promise<RunResult> {
  const { servers, edits } = options.edits;
  return servers === undefined ? runSeed({ ...options, edits }) : runByHand(options, servers);
}

async function runByHand(options: EditedRunOptions, servers: number): Promise<RunResult> {
  const { edits, seed, Core, hasDisks, keepsTrace, onStep } = options;
  const run = new DirectedRun({
    seed,
    servers,
    ...(Core === undefined ? {} : { Core }),
    ...(hasDisks === undefined ? {} : { hasDisks }),
    ...(keepsTrace === undefined ? {} : { keepsTrace }),
    ...(onStep === undefined ? {} : { onStep }),
  });
  const { world, cluster, hands, recorder } = run;
  const ending = await endingOf(world, async () => {
    await run.begin();
    const script = new EditScript(world, hands, edits.edits);
    await run.until(() => script.isDone, { limitMs: endMsMax, intervene: () => script.play() });
    await run.until(() => false, { limitMs: restMs.min });
    await run.until(() => cluster.isQuiet && hands.areCallsDone, { limitMs: restMs.max });
    if (cluster.isLost) throw new Lost();
    run.check();
  });
  const { operations } = recorder;
  return { seed, ...ending, operations, planned: [], happened: new Map(), edits: hands.performed };
}
