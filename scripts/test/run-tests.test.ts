import { join } from 'node:path';
import { spawnProgram } from '@tablelab/shared/testing';
import t from 'tap';

const root = join(import.meta.dirname, '../..');

t.test('a named test that does not exist is a failure', async (t) => {
  const missing = spawnProgram(join(root, 'scripts/run-tests.ts'), ['part9']);
  t.strictSame(await missing.exited, { code: 1, signal: null });
  t.match(missing.stderrLines, ['there is no part and no test file called part9']);
  t.equal(missing.stdoutLines.at(-1), '0 passed, 1 failed');
});
