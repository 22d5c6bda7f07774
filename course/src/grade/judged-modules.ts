import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Step } from '../course-file.ts';
import type { JudgeSettings } from './remote/judge-settings.ts';

/**
 * The modules of part 4 that the simulator, the client's driver and the tests call: a server's and a client's decisions. What
 * surrounds them, the simulator above all, is given code and runs in the judge.
 */
const cores = ['part4/src/core/chain-core.ts', 'part4/src/client/core/client-core.ts'];

/** Methods of the cores that change nothing. The simulator's checks call them after each event. */
const queries = ['readRefusal', 'writeRefusal', 'serverFor', 'verify', 'outcomeOf', 'operationNumber'];

/** Which modules of a part run in the sandbox, and how their values cross. */
export function judgedModules({
  part,
  steps,
  reference,
}: {
  readonly part: string;
  /** All steps of the part. */
  readonly steps: readonly Step[];
  readonly reference: string;
}): Pick<JudgeSettings, 'modules' | 'modulesOfKit' | 'crossing' | 'queries'> {
  if (part === 'part4') {
    const written = steps.flatMap(({ write }) => write.map(({ file }) => file));
    const modules = [...new Set([...cores, ...written])];
    return { modules, modulesOfKit: cores, crossing: 'copied', queries };
  }
  const names = readdirSync(join(reference, part, 'src')).filter((name) => name.endsWith('.ts'));
  const modules = names.map((name) => `${part}/src/${name}`);
  // A rule of part 1 is about who shares memory with whom.
  return { modules, modulesOfKit: modules, crossing: 'shared', queries: [] };
}
