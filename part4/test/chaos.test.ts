import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnProgram, startZooKeeper, withDeadline } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { closeSession } from '../chaos/close-session.ts';
import { historyFileFrom, historyToLines, type Operation } from '../linearizability/index.ts';
import { testTimeoutMs } from './support/fault-test.ts';
import { deadlineMs, openSession, patientTimeoutMs } from './support/zookeeper-sessions.ts';

t.setTimeout(testTimeoutMs);

const program = fileURLToPath(new URL('../chaos/program.ts', import.meta.url));

function chaos(t: Test, ...args: string[]) {
  const child = spawnProgram(program, args);
  t.teardown(() => child.stop());
  return child;
}

t.test('a short run: faults happen, clients continue, the history is checked', async (t) => {
  const file = join(t.testdir({}), 'seen.history');
  const child = chaos(t, '--minutes', '0.1', '--seed', '2', '--history', file);
  const exit = await child.exited;
  t.same(exit, { code: 0, signal: null }, child.stderrLines.join('\n'));
  const [, operations] = /^1 rounds, (\d+) operations/.exec(child.stdoutLines.at(-1) ?? '') ?? [];
  t.ok(Number(operations) > 100, `${operations} operations`);
  t.match(child.stdoutLines.at(-1), /faults: \w/);
  const { operations: seen, events } = historyFileFrom(await readFile(file, 'utf8'));
  t.ok(seen.length > 100, `${seen.length} operations`);
  const said = child.stdoutLines.filter((line) => /^ +[\d.]+ s {2}(?!round)/.test(line));
  const faults = events.flatMap((event) => (event.event === 'fault' ? [event.text] : []));
  t.same(
    faults,
    said.map((line) => line.replace(/^ +[\d.]+ s {2}/, '')),
    'the file has each fault',
  );
  t.match(
    events.find(({ event }) => event === 'view'),
    { servers: [/^s\d$/, /^s\d$/, /^s\d$/] },
    'and the views',
  );
});

t.test('a session is closed by its id alone', async (t) => {
  const zookeeper = await startZooKeeper();
  t.teardown(() => zookeeper.stop());
  const session = await openSession(t, zookeeper.address, { sessionTimeoutMs: patientTimeoutMs });
  await session.create('/own', new Uint8Array(0), 'ephemeral');
  await closeSession(zookeeper, session.sessionId);
  t.match(await withDeadline(session.ended, deadlineMs, 'the end of the session'), { reason: 'expired' });
  const observer = await openSession(t, zookeeper.address);
  t.equal(await observer.getData('/own'), undefined, 'its znode has gone with it');
});

t.test('the saved history of a run can be checked again', async (t) => {
  const folder = t.testdir({});
  const put: Operation = { client: 1, call: 1, return: 2, outcome: 'ok', kind: 'put', key: 'k', value: 'v' };
  const stale: Operation = { client: 2, call: 3, return: 4, outcome: 'ok', kind: 'get', key: 'k' };
  for (const [name, history, code] of [
    ['good', [put, { ...stale, result: 'v' }], 0],
    ['stale', [put, stale], 1],
  ] satisfies [string, Operation[], number][]) {
    const file = join(folder, name);
    await writeFile(file, historyToLines(history));
    const child = chaos(t, '--check', file);
    t.same(await child.exited, { code, signal: null }, name);
    t.match(
      [...child.stdoutLines, ...child.stderrLines].join('\n'),
      code === 0 ? /^linearizable/ : /^not-lin/,
    );
  }
});

t.test('wrong arguments are reported, with the usage', async (t) => {
  for (const args of [['--minutes', 'x'], ['--zookeepers', '2'], ['--unknown'], ['--seed', '-1']]) {
    const child = chaos(t, ...args);
    t.same(await child.exited, { code: 2, signal: null }, args.join(' '));
    t.match(child.stderrLines.join('\n'), /usage: npm run chaos/);
  }
});
