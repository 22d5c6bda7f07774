/** A real server with `--data` comes back after many updates (part4/README.md#disk-restart). */
import { join } from 'node:path';
import { must } from '@tablelab/shared';
import t, { type Test } from 'tap';
import { defaultChainLimits } from '../src/core/limits.ts';
import { bytes, connectTable, type ServerProgram, startChain } from './support/chain-programs.ts';

// Only against a run that hangs: each wait has a deadline of its own.
t.setTimeout(55_000);

/** More updates than the log in memory keeps. */
const manyUpdates = defaultChainLimits.windowUpdatesMax + 500;

t.test(
  'a server that was away for more updates than are in memory gets them from the disk of the tail, and no snapshot (part4/README.md#disk-restart)',
  async (t: Test) => {
    const directory = t.testdir();
    const { zookeeper, add } = await startChain(t, 0);
    const servers: ServerProgram[] = [];
    for (const name of ['first', 'second', 'third']) servers.push(await add('--data', join(directory, name)));
    const table = await connectTable(t, zookeeper);
    await table.put('before', bytes('1'));
    const away = must(servers[2], 'the tail');
    away.program.kill('SIGKILL');
    await away.program.exited;
    for (let begin = 0; begin < manyUpdates; begin += 1_000) {
      const count = Math.min(1_000, manyUpdates - begin);
      await Promise.all(
        Array.from({ length: count }, (_, index) =>
          table.put(`key ${(begin + index) % 500}`, bytes(`${begin + index}`)),
        ),
      );
    }
    const back = await add('--data', join(directory, 'third'));
    const log = back.program.stderrLines.join('\n');
    t.notMatch(log, /beginning with an empty table/, 'it kept what it had');
    for (const { program } of servers.slice(0, 2))
      t.notMatch(program.stderrLines.join('\n'), /cannot be read/, 'the log could be read');
    t.equal(await table.size(), 501);
    const last = manyUpdates - 1;
    const value = await table.get(`key ${last % 500}`);
    t.equal(value && Buffer.from(value).toString(), `${last}`, 'it is the tail, and has the last one');
  },
);
