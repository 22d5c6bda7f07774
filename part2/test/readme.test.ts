import { readFile, realpath, stat } from 'node:fs/promises';
import { encodeMessage } from '@tablelab/part2';
import { sizeRequest } from '@tablelab/part2/testing';
import { freePort, spawnProgram } from '@tablelab/shared/testing';
import t from 'tap';

const part = new URL('../', import.meta.url);
const readme = await readFile(new URL('README.md', part), 'utf8');

// The commands of the second block are run in programs.test.ts.
t.test('the README starts its server with a command that works', async (t) => {
  const consoles = [...readme.matchAll(/^```console\n(.*?)^```$/gms)].map(([, text = '']) => text);
  t.equal(consoles.length, 2, 'no block of commands is left out');
  const [, nodeFolder = '', file = '', lists = ''] =
    /^\$ PATH="\$PWD\/(\S+):\$PATH"\n\$ node (\S+) 4242 (\d+)\nlistening on 127\.0\.0\.1:4242\n$/.exec(
      consoles[0] ?? '',
    ) ?? [];
  t.equal(await realpath(new URL(`${nodeFolder}/node`, part)), process.execPath, "the kit's Node");
  const port = await freePort();
  const server = spawnProgram(new URL(file, part).pathname, [String(port), lists]);
  t.teardown(() => server.stop());
  await t.resolves(server.waitForLine(new RegExp(`^listening on 127\\.0\\.0\\.1:${port}$`), 30_000));
});

t.test("the README's frame is the request `size`", async (t) => {
  const [, hex = ''] = /the request `size`:\n\n +((?:[0-9a-f]{2} +)*[0-9a-f]{2})\n/.exec(readme) ?? [];
  t.equal(hex.replaceAll(' ', ''), Buffer.from(encodeMessage(sizeRequest)).toString('hex'));
});

t.test('the programs that the README names exist', async (t) => {
  const named = [...readme.matchAll(/`(?:npx node )?((?:bench|test)\/[\w.-]+\.ts)`/g)].map(
    ([, file = '']) => file,
  );
  t.same(named, ['bench/survive.ts']);
  for (const file of named) t.ok((await stat(new URL(file, part))).isFile(), file);
  const { scripts } = JSON.parse(await readFile(new URL('package.json', part), 'utf8'));
  t.ok(scripts.test, 'npm test');
});
