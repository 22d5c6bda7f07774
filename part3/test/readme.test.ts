import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, spawnProgram } from '@tablelab/shared/testing';
import t from 'tap';

const part = join(import.meta.dirname, '..');
const readme = readFileSync(join(part, 'README.md'), 'utf8');
const exampleTimeoutMs = 60_000;

t.test('the rules that tests name and those of the README are the same', async (t) => {
  const sources = readdirSync(join(part, 'test'))
    .filter((name) => name.endsWith('.test.ts') && name !== 'readme.test.ts')
    .map((name) => readFileSync(join(part, 'test', name), 'utf8'));
  const named = sources.join('\n').matchAll(/part3\/README\.md#([a-z-]+)/g);
  const checked = new Set([...named].map(([, anchor]) => anchor));
  const stated = [...readme.matchAll(/<a id="([^"]*)">/g)].map(([, anchor]) => anchor);
  t.equal(new Set(stated).size, stated.length, 'no anchor is there twice');
  t.same([...checked].sort(), stated.sort());
  t.ok(stated.length > 20, 'and they were found');
});

t.test("the README's commands print the stated output", async (t) => {
  const [server = '', client = ''] = [...readme.matchAll(/^```console\n(.*?)^```$/gms)].map(
    ([, text]) => text,
  );
  const ports: Record<string, number> = { 4243: await freePort(), 4244: await freePort() };
  const onFreePorts = (text: string) => text.replaceAll(/\b424[34]\b/g, (port) => String(ports[port]));

  const [, args = ''] = /^\$ node (.*)\nlistening on 127\.0\.0\.1:4243\n$/.exec(server) ?? [];
  const [file = '', ...rest] = onFreePorts(args).split(' ');
  const running = spawnProgram(join(part, file), rest);
  t.teardown(() => running.stop());
  await running.waitForLine(new RegExp(`^listening on 127.0.0.1:${ports[4243]}$`), 20_000);

  const [, ...examples] = onFreePorts(client).split(/^\$ /m);
  t.equal(examples.length, 6);
  for (const example of examples) {
    const [command = '', ...lines] = example.split('\n');
    const { stdout, stderr } = await shell(command.replaceAll(/\bnode /g, `${process.execPath} `));
    // A program with wrong arguments also prints its usage.
    const printed = `${stdout}${stderr}`.split('\n').slice(0, lines.length);
    t.same(printed, lines, command);
  }
});

/** The output of a command, with any exit code. */
async function shell(command: string): Promise<{ stdout: string; stderr: string }> {
  try {
    return await promisify(execFile)('bash', ['-c', command], {
      cwd: part,
      timeout: exampleTimeoutMs,
      // A shell reports a missing locale on standard error.
      env: { ...process.env, LC_ALL: 'C' },
    });
  } catch (error) {
    return error as { stdout: string; stderr: string } & Error;
  }
}
