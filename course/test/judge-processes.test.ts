/** What a test has started ends with its judge, also if the judge ends by itself and the program does not. */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { eventually } from '@tablelab/shared/testing';
import t from 'tap';
import { availableSandbox, withoutNetwork } from '../src/grade/sandbox.ts';

const skip = availableSandbox() === 'bubblewrap' ? false : 'bubblewrap is not available';

/** The processes with this argument. */
function processesWith(argument: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return (
        /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').includes(argument)
      );
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}

t.test('a program that a test leaves running ends with the judge', { skip }, async (t) => {
  const mark = `left-${randomUUID()}`;
  const program = [
    "const { spawn } = require('node:child_process');",
    "const left = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', process.argv[1]], { detached: true, stdio: 'ignore' });",
    "left.once('spawn', () => { console.log('left running'); process.exit(0); });",
  ].join('\n');
  const [command = '', ...args] = withoutNetwork([process.execPath, '-e', program, mark]);
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8' });
  t.equal(status, 0, stderr);
  t.equal(stdout, 'left running\n');
  await eventually(() => processesWith(mark).length === 0, { deadlineMs: 10_000, what: 'its end' });
  t.same(processesWith(mark), []);
});
