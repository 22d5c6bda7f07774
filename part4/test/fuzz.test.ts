import { fileURLToPath } from 'node:url';
import { testSeed } from '@tablelab/part1/testing';
import { spawnProgram } from '@tablelab/shared/testing';
import t from 'tap';
import { testTimeoutMs } from './support/fault-test.ts';

t.setTimeout(testTimeoutMs);

/** Of each part; a long run is `npx node part4/bench/fuzz.ts 4 110000`. */
const inputs = 4_000;

for (const part of [2, 3, 4]) {
  t.test(
    `mutated messages neither end nor hang a server of part ${part} (part4/README.md#client-hostile)`,
    async (t) => {
      const bench = fileURLToPath(new URL('../bench/fuzz.ts', import.meta.url));
      const program = spawnProgram(bench, [part, inputs, testSeed].map(String));
      t.teardown(() => program.stop());
      await program.exited;
      const outcome = program.stdoutLines.at(-1) ?? program.stderrLines.join('\n');
      // The wait of the other client is not compared with a limit here, because other tests use the machine, too.
      t.match(
        outcome,
        /: \d{4} inputs, 0 deaths, 0 hangs, 0 connections refused; another client had [1-9]\d* answers, lost 0/,
      );
    },
  );
}
