/**
 * A write is answered only after the system call that syncs it has returned: the system calls of a real server say so
 * (part4/README.md#disk-fsync).
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { must } from '@tablelab/shared';
import {
  ChildProgram,
  eventually,
  type SystemCall,
  startZooKeeper,
  systemCalls,
} from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { bytes, connectTable } from './support/chain-programs.ts';

// Only against a run that hangs: each wait has a deadline of its own.
t.setTimeout(55_000);

const server = fileURLToPath(new URL('../src/programs/table-server.ts', import.meta.url));
const deadlineMs = 30_000;
const puts = 20;
const markerOf = (index: number) => `marker-${String(index).padStart(4, '0')}`;

function canTrace(): boolean {
  return spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0;
}

/** The system calls of a server that has answered `puts` writes, one after the other, and the port that it listens on. */
async function traced(t: Test, policy: string): Promise<{ calls: SystemCall[]; port: string }> {
  const directory = t.testdir();
  const trace = join(directory, 'trace');
  const zookeeper = await startZooKeeper({ tickTimeMs: 200 });
  t.teardown(() => zookeeper.stop());
  const calls = 'trace=fdatasync,fsync,write,writev,pwrite64,pwritev,sendto,sendmsg';
  const program = new ChildProgram('strace', [
    ...[
      // The tracer is a child of the server, which gets the signals.
      '-D',
      '-f',
      '-yy',
      '-s',
      '4096',
      '-e',
      calls,
      '-o',
      trace,
      '--',
      process.execPath,
      server,
      '0',
      '4',
      zookeeper.address,
    ],
    ...['--data', join(directory, 'data'), '--fsync', policy, '--session-timeout', '4000'],
  ]);
  t.teardown(() => program.stop());
  const [, port = ''] = await program.waitForLine(/^listening on .*:(\d+)$/, deadlineMs);
  const table = await connectTable(t, zookeeper.address);
  for (let index = 0; index < puts; index += 1) await table.put('key', bytes(markerOf(index)));
  await table.disconnect();
  const { pid } = program;
  await program.stop();
  const isWhole = () => new RegExp(`^${pid}\\s+\\+\\+\\+ exited`, 'm').test(readFileSync(trace, 'utf8'));
  await eventually(isWhole, { deadlineMs, what: 'the end of the trace' });
  return { calls: systemCalls(readFileSync(trace, 'utf8')), port };
}

/** The writes that were answered before a sync of the log had returned that began after they were in the file. */
function answeredTooEarly({ calls, port }: { calls: readonly SystemCall[]; port: string }): string[] {
  const early: string[] = [];
  const isLog = ({ text }: SystemCall) => /^\w+\(\d+<[^>]*\/log-\d+>/.test(text);
  const isToClient = ({ text }: SystemCall) => text.includes(`<TCP:[127.0.0.1:${port}->`);
  for (let index = 0; index < puts; index += 1) {
    const marker = markerOf(index);
    const written = must(
      calls.find((call) => isLog(call) && /^p?write/.test(call.name) && call.text.includes(marker)),
      `${marker} is written to the log`,
    );
    const answer = must(
      calls.find((call) => call.start > written.end && isToClient(call)),
      `${marker} is answered`,
    );
    const synced = calls.find(
      (call) =>
        /^f(data)?sync$/.test(call.name) &&
        isLog(call) &&
        call.start > written.end &&
        call.end < answer.start,
    );
    if (synced === undefined) early.push(marker);
  }
  return early;
}

const skip = process.env.REQUIRE_STRACE === '1' || canTrace() ? false : 'there is no strace here';

t.test('with --fsync always, each write is synced before it is answered', { skip }, async (t) => {
  t.same(answeredTooEarly(await traced(t, 'always')), []);
});

t.test('the same look at a server with --fsync never finds none that is', { skip }, async (t) => {
  t.equal(answeredTooEarly(await traced(t, 'never')).length, puts);
});

t.test('calls that overlap are told apart', async (t) => {
  const lines = [
    '11 writev(5</d/log-1>, [{"a"}], 1 <unfinished ...>',
    '12 fdatasync(5</d/log-1> <unfinished ...>',
    '11 <... writev resumed>) = 7',
    '12 <... fdatasync resumed>) = 0',
    '11 fdatasync(5</d/log-1>) = -1 EIO (Input/output error)',
    '11 write(9<TCP:[127.0.0.1:1->127.0.0.1:2]>, "x", 1) = 1',
  ];
  t.same(
    systemCalls(lines.join('\n')).map(({ name, start, end }) => [name, start, end]),
    [
      ['writev', 0, 2],
      ['fdatasync', 1, 3],
      ['write', 5, 5],
    ],
  );
});
