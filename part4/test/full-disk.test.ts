/** A real server whose disk fills up (part4/README.md#disk-full). */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ErrorCode, TableError } from '@tablelab/shared';
import { ChildProgram, eventually, startZooKeeper } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import type { ChainTable } from '../src/client/chain-table.ts';
import { bytes, connectTable } from './support/chain-programs.ts';

const server = fileURLToPath(new URL('../src/programs/table-server.ts', import.meta.url));
const deadlineMs = 20_000;

// Only against a run that hangs: each wait has a deadline of its own.
t.setTimeout(55_000);

/** Runs a command with a disk of `mib` of its own at `directory`. */
const mount = 'size=$1; directory=$2; shift 2; mount -t tmpfs -o size=$size none "$directory" && exec "$@"';
const unshare = ['unshare', '--mount', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])] as const;

function canMount(t: Test): boolean {
  const directory = t.testdir();
  const [command, ...args] = [...unshare, 'sh', '-c', mount, 'sh', '1m', directory, 'true'];
  return spawnSync(command as string, args).status === 0;
}

async function codeOf(call: Promise<unknown>): Promise<ErrorCode | 'none'> {
  return await call.then(
    () => 'none' as const,
    (error) => {
      if (error instanceof TableError && !error.mayHaveHappened) return error.code;
      throw error;
    },
  );
}

/** Puts until a put gets another answer, which it returns; at most as much as the disk can have. */
async function fill(table: ChainTable): Promise<string> {
  const value = new Uint8Array(256 << 10).fill(7);
  for (let index = 0; index < 400; index += 1) {
    const code = await codeOf(table.put(`filler ${index}`, value));
    if (code !== 'none') return code;
  }
  return 'never';
}

t.test(
  'writes are refused before a disk of 64 MiB is full, reads go on, and writes come in again when there is room',
  { skip: canMount(t) ? false : 'no file system can be mounted here' },
  async (t) => {
    const directory = t.testdir();
    const zookeeper = await startZooKeeper({ tickTimeMs: 200 });
    t.teardown(() => zookeeper.stop());
    const reserveMib = 16;
    const [command, ...args] = [
      ...[...unshare, 'sh', '-c', mount, 'sh', '64m', directory],
      ...[process.execPath, server, '0', '4', zookeeper.address],
      ...['--data', join(directory, 'data'), '--disk-reserve', String(reserveMib)],
    ];
    const program = new ChildProgram(command as string, args);
    t.teardown(async () => {
      if (!t.passing()) t.comment(program.stderrLines.join('\n'));
      await program.stop();
    });
    await program.waitForLine(/^listening on/, deadlineMs);
    // The server's view of its disk.
    const inside = join(`/proc/${program.pid}/root`, directory);
    const table = await connectTable(t, zookeeper.address);
    await table.put('first', bytes('1'));
    // Room that somebody can make.
    writeFileSync(join(inside, 'other'), new Uint8Array(24 << 20));
    t.equal(await fill(table), 'DISK_FULL');
    t.equal(await codeOf(table.del('first')), 'DISK_FULL', 'a del needs room in the log');
    t.equal(Buffer.from((await table.get('first')) ?? '').toString(), '1', 'reads go on');
    t.match(program.stderrLines.join('\n'), /the disk has \d+ bytes left/);
    rmSync(join(inside, 'other'));
    await eventually(async () => (await codeOf(table.put('again', bytes('2')))) === 'none', { deadlineMs });
    t.equal(Buffer.from((await table.get('again')) ?? '').toString(), '2');
  },
);
