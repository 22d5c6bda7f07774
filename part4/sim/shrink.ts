import { type RunOptions, type RunResult, runSeed } from './run-seed.ts';

/** Removes faults from a failing run, one at a time, while it still fails. */
export async function shrink(options: RunOptions): Promise<RunResult> {
  let result = await runSeed(options);
  let faults = result.planned.map(({ id }) => id);
  for (let isShorter = true; isShorter; ) {
    isShorter = false;
    for (const fault of faults) {
      const fewer = faults.filter((other) => other !== fault);
      const attempt = await runSeed({ ...options, faults: fewer });
      if (attempt.failure === undefined) continue;
      faults = fewer;
      result = attempt;
      isShorter = true;
      break;
    }
  }
  return runSeed({ ...options, faults, keepsTrace: true });
}
