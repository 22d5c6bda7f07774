import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { TableError } from '@tablelab/shared';
import {
  ChildProgram,
  cases,
  eventually,
  freePort,
  isAlive,
  isPaused,
  pauseProcess,
  spawnProgram,
  withDeadline,
} from '@tablelab/shared/testing';
import t from 'tap';

const deadlineMs = 10_000;
const processIndex = JSON.stringify(join(import.meta.dirname, '../src/process/index.ts'));

/** Writes a program into the test's folder and returns its path. */
function program(t: Pick<typeof import('tap').t, 'testdir'>, source: string): string {
  const file = join(t.testdir({}), 'program.mjs');
  writeFileSync(file, source);
  return file;
}
t.test('withDeadline returns an outcome in time, and TIMEOUT otherwise', async (t) => {
  t.equal(await withDeadline(Promise.resolve(7), deadlineMs, 'seven'), 7);
  await t.rejects(withDeadline(Promise.reject(new Error('boo')), deadlineMs, 'it'), { message: 'boo' });
  await t.rejects(withDeadline(new Promise(() => undefined), 5, 'nothing'), {
    code: 'TIMEOUT',
    message: 'waited 5 ms for nothing',
  });
});

t.test('eventually returns the first outcome, and reports the last error at the deadline', async (t) => {
  let calls = 0;
  const third = () => {
    calls += 1;
    if (calls === 1) throw new Error('not yet');
    return calls < 3 ? false : calls;
  };
  t.equal(await eventually(third, { deadlineMs }), 3);
  await t.rejects(
    eventually(() => false, { deadlineMs: 1, what: 'a condition' }),
    {
      code: 'TIMEOUT',
      message: 'waited 1 ms for a condition',
    },
  );
  const failing = async () => {
    throw new Error('broken');
  };
  await t.rejects(eventually(failing, { deadlineMs: 1 }), { message: /the last check failed: broken/ });
});

t.test('freePort returns a port on which nothing listens', async (t) => {
  const socket = connect(await freePort(), '127.0.0.1');
  const [error] = await once(socket, 'error').catch((thrown) => [thrown]);
  t.equal(error.code, 'ECONNREFUSED');
});

t.test('freePort returns each port once, and none that the system assigns by itself', async (t) => {
  const first = await freePort();
  const server = createServer().listen(first + 1, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const ports = [first];
  for (let call = 0; call < 50; call += 1) ports.push(await freePort());
  t.equal(new Set(ports).size, ports.length, 'each once');
  t.notOk(ports.includes(first + 1), 'not one on which a server listens');
  t.ok(
    ports.every((port) => port < 32_768),
    'below the ports that Linux assigns by itself',
  );
});

t.test('a dialogue with a program: lines are found in order, each once', async (t) => {
  const echo = `
    import { createInterface } from 'node:readline';
    console.log('ready ' + process.argv[2] + process.env.MOOD);
    console.error('on stderr');
    for await (const line of createInterface({ input: process.stdin })) console.log('echo ' + line);
    process.stdout.write('no line end');`;
  const child = spawnProgram(program(t, echo), ['one'], { env: { MOOD: '!' } });
  t.teardown(() => child.stop());
  t.equal((await child.waitForLine(/^ready (.*)$/, deadlineMs))[1], 'one!');
  t.ok(await child.waitForLine(/stderr/, deadlineMs, 'stderr'));
  child.write('a\na\n');
  t.ok(await child.waitForLine(/^echo a$/, deadlineMs));
  t.ok(await child.waitForLine(/^echo a$/, deadlineMs), 'the second a is another line');
  await t.rejects(child.waitForLine(/^echo a$/, 20), { code: 'TIMEOUT' }, 'there is no third');
  t.ok(child.running);
  child.endInput();
  t.ok(await child.waitForLine(/^no line end$/, deadlineMs), 'the last line may lack its end');
  t.strictSame(await child.exited, { code: 0, signal: null });
  t.notOk(child.running);
  t.strictSame(child.stdoutLines, ['ready one!', 'echo a', 'echo a', 'no line end']);
});

t.test('output is bounded: the last 2,000 lines, long ones in pieces of 64 KiB', async (t) => {
  const source = `
    for (let i = 0; i < 5000; i += 1) console.log(i);
    console.log('x'.repeat(200_000));
    console.log('done');`;
  const child = spawnProgram(program(t, source), []);
  t.teardown(() => child.stop());
  await child.waitForLine(/^done$/, deadlineMs);
  await child.exited;
  t.equal(child.stdoutLines.length, 2_000);
  t.equal(child.stdoutLines.at(-1), 'done');
  t.ok(child.stdoutLines.every((line) => line.length <= 65_536));
});

t.test('waiting for a line ends when the program ends, and the error shows its last lines', async (t) => {
  const child = spawnProgram(program(t, `console.error('no such thing'); process.exit(3);`), []);
  await t.rejects(child.waitForLine(/^ready$/, deadlineMs), {
    code: 'UNREACHABLE',
    message: /no such thing/,
  });
  t.strictSame(await child.exited, { code: 3, signal: null });
  await child.stop();
});

t.test('a program that cannot be started fails at once', async (t) => {
  const child = spawnProgram('program.mjs', [], { cwd: '/no/such/folder' });
  await t.rejects(child.exited, { code: 'UNREACHABLE' });
  await t.rejects(child.waitForLine(/x/, deadlineMs), { code: 'UNREACHABLE' });
  t.throws(() => child.pid, TableError);
  await child.stop();
});

t.test('stop sends SIGTERM first, then SIGKILL', async (t) => {
  const obedient = spawnProgram(
    program(
      t,
      `process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1e6); console.log('up');`,
    ),
    [],
  );
  await obedient.waitForLine(/^up$/, deadlineMs);
  await obedient.stop();
  t.strictSame(await obedient.exited, { code: 0, signal: null });

  const stubborn = spawnProgram(
    program(t, `process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6); console.log('up');`),
    [],
  );
  await stubborn.waitForLine(/^up$/, deadlineMs);
  await stubborn.stop({ deadlineMs: 50 });
  t.strictSame(await stubborn.exited, { code: null, signal: 'SIGKILL' });
  t.notOk(isAlive(stubborn.pid));
});

t.test('kill sends the signal given', async (t) => {
  const child = spawnProgram(program(t, `setInterval(() => {}, 1e6); console.log('up');`), []);
  await child.waitForLine(/^up$/, deadlineMs);
  child.kill('SIGKILL');
  t.strictSame(await child.exited, { code: null, signal: 'SIGKILL' });
});

t.test('a paused process is stopped, with all its threads', async (t) => {
  const source = `
    import { Worker } from 'node:worker_threads';
    for (let thread = 0; thread < 4; thread += 1) new Worker('for (;;);', { eval: true });
    console.log('up');`;
  const child = spawnProgram(program(t, source), []);
  t.teardown(() => child.stop({ deadlineMs: 1 }));
  await child.waitForLine(/^up$/, deadlineMs);
  for (const round of cases(t, Array(20).keys())) {
    await pauseProcess(child.pid);
    t.ok(isPaused(child.pid), `round ${round}`);
    child.kill('SIGCONT');
    await eventually(() => !isPaused(child.pid), { deadlineMs, what: 'the process to continue' });
  }
});

t.test('a program does not outlive the one that started it, SIGKILL included', async (t) => {
  const folder = t.testdir({ 'inner.mjs': 'setInterval(() => {}, 1e6);', data: { file: 'x' } });
  const source = `
    import { spawnProgram } from ${processIndex};
    const child = spawnProgram(${JSON.stringify(join(folder, 'inner.mjs'))}, [],
      { temporaryFolder: ${JSON.stringify(join(folder, 'data'))} });
    console.log('inner ' + child.pid);`;
  const outer = join(folder, 'outer.mjs');
  writeFileSync(outer, source);
  const parent = spawnProgram(outer, []);
  t.teardown(() => parent.stop());
  const inner = Number((await parent.waitForLine(/^inner (\d+)$/, deadlineMs))[1]);
  t.ok(isAlive(inner));
  parent.kill('SIGKILL');
  await eventually(() => !isAlive(inner), { deadlineMs, what: 'the end of the inner program' });
  await eventually(() => !existsSync(join(folder, 'data')), { deadlineMs, what: 'the folder to be removed' });
});

t.test('a folder for temporary files goes with its process, SIGKILL included', async (t) => {
  const folder = t.testdir({ temporary: {} });
  const source = (last: string) => `
    import { TemporaryFolder } from ${processIndex};
    const folder = new TemporaryFolder('made-');
    console.log('made ' + folder.path);
    ${last}`;
  const temporary = join(folder, 'temporary');
  const run = async (name: string, last: string) => {
    writeFileSync(join(folder, name), source(last));
    const program = spawnProgram(join(folder, name), [], { env: { TMPDIR: temporary } });
    t.teardown(() => program.stop());
    await program.waitForLine(/^made .*made-/, deadlineMs);
    return program;
  };
  const removing = await run('removing.mjs', 'folder.remove();');
  t.strictSame(await removing.exited, { code: 0, signal: null });
  t.strictSame(readdirSync(temporary), [], 'removed');
  const killed = await run('killed.mjs', 'setInterval(() => {}, 1e6);');
  t.equal(readdirSync(temporary).length, 1);
  killed.kill('SIGKILL');
  await eventually(() => readdirSync(temporary).length === 0, {
    deadlineMs,
    what: 'the folder to be removed',
  });
});

t.test('no lines are kept of a program that uses the terminal', async (t) => {
  const child = new ChildProgram(process.execPath, ['-e', ''], { stdio: 'terminal' });
  await t.rejects(child.waitForLine(/x/, deadlineMs), { code: 'BAD_REQUEST' });
  t.strictSame(await child.exited, { code: 0, signal: null });
  t.strictSame([child.stdoutLines, child.stderrLines], [[], []]);
});
