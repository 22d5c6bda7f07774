import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  type AppendFile,
  type Block,
  BlockWriter,
  blockHeaderBytes,
  type Disk,
  type FileEnd,
  readBlocks,
  type SyncPolicy,
  type WriterClock,
} from '../src/disk/index.ts';
import { openNodeDisk } from '../src/disk/node-disk.ts';
import { errorText, TableError } from '../src/index.ts';
import { cases } from '../src/testing/index.ts';

const clock: WriterClock = {
  now: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

async function diskIn(t: Test): Promise<{ disk: Disk; directory: string }> {
  const directory = t.testdir();
  const disk = await openNodeDisk(directory);
  t.teardown(() => disk.close());
  return { disk, directory };
}

interface Written {
  readonly kept: number[];
  readonly failures: TableError[];
}

/** Each text is a block; those of one list are added in one turn. */
async function write(
  file: AppendFile,
  groups: readonly string[][],
  policy: SyncPolicy = 'always',
): Promise<Written> {
  const kept: number[] = [];
  const failures: TableError[] = [];
  let wake = () => {};
  const writer = new BlockWriter({
    file,
    offset: 0,
    policy,
    clock,
    onKept: (blocks) => {
      kept.push(blocks);
      wake();
    },
    onFailed: (error) => {
      failures.push(error);
      wake();
    },
  });
  for (const group of groups) {
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    for (const text of group) writer.add(text.length, Buffer.from(text));
    writer.write();
    await woken;
  }
  await writer.close();
  return { kept, failures };
}

async function readAll(disk: Disk, name: string): Promise<{ blocks: Block[]; end: FileEnd }> {
  const reader = readBlocks(disk, name);
  const blocks: Block[] = [];
  for (;;) {
    const { value, done } = await reader.next();
    if (done) return { blocks, end: value };
    blocks.push(value);
  }
}

function textOf({ payload }: Block): string {
  return Buffer.from(payload).toString();
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

const texts = ['first', 'the second', '', 'fourth', 'x'.repeat(3_000_000), 'last one'];

t.test('blocks come back in order, in groups of what was added before', async (t) => {
  const { disk } = await diskIn(t);
  const { kept, failures } = await write(await disk.create('log'), [texts.slice(0, 3), texts.slice(3)]);
  t.same(failures, []);
  t.same(kept, [3, 6], 'each group is synced once');
  const { blocks, end } = await readAll(disk, 'log');
  t.same(blocks.map(textOf), texts);
  t.same(
    blocks.map(({ kind }) => kind),
    texts.map(({ length }) => length),
  );
  t.equal(end.torn, 0);
  t.equal(end.end, await disk.size('log'));
});

t.test('an end that is cut anywhere is torn, and all blocks before it are there', async (t) => {
  const { disk, directory } = await diskIn(t);
  const short = ['first', 'the second', 'last one'];
  await write(await disk.create('log'), [short]);
  const whole = readFileSync(join(directory, 'log'));
  const last = whole.length - blockHeaderBytes - 'last one'.length;
  for (const bytes of cases(
    t,
    Array.from({ length: whole.length - last }, (_, index) => last + index),
  )) {
    writeFileSync(join(directory, 'log'), whole.subarray(0, bytes));
    const { blocks, end } = await readAll(disk, 'log');
    t.same(blocks.map(textOf), short.slice(0, 2), `cut at ${bytes}`);
    t.same(end, { end: last, torn: bytes - last }, `cut at ${bytes}`);
  }
});

t.test('each damaged byte of a block that had been synced is found', async (t) => {
  const { disk, directory } = await diskIn(t);
  await write(await disk.create('log'), [['first'], ['second'], ['third'], ['fourth']]);
  const whole = readFileSync(join(directory, 'log'));
  // The third block says that the first two had been synced.
  const synced = 2 * blockHeaderBytes + 'firstsecond'.length;
  for (const at of cases(
    t,
    Array.from({ length: synced }, (_, index) => index),
  )) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 0x10;
    writeFileSync(join(directory, 'log'), damaged);
    const error = await errorOf(readAll(disk, 'log'));
    t.ok(error instanceof TableError && error.code === 'LOST', `byte ${at}: ${errorText(error)}`);
  }
});

t.test('what was never synced may be lost in the middle, too, and is cut there', async (t) => {
  const { disk, directory } = await diskIn(t);
  const file = await disk.create('log');
  const neverSynced: AppendFile = { ...bound(file), sync: async () => undefined };
  await write(neverSynced, [['first'], ['second'], ['third']], 'never');
  const path = join(directory, 'log');
  const bytes = readFileSync(path);
  const at = blockHeaderBytes + 'first'.length;
  bytes.fill(0, at, at + blockHeaderBytes);
  writeFileSync(path, bytes);
  const { blocks, end } = await readAll(disk, 'log');
  t.same(blocks.map(textOf), ['first']);
  t.same(end, { end: at, torn: bytes.length - at });
});

t.test('zeros behind the last block are a torn end', async (t) => {
  const { disk, directory } = await diskIn(t);
  await write(await disk.create('log'), [['first'], ['second']]);
  const size = await disk.size('log');
  truncateSync(join(directory, 'log'), size + 4_096);
  const { blocks, end } = await readAll(disk, 'log');
  t.same(blocks.map(textOf), ['first', 'second']);
  t.same(end, { end: size, torn: 4_096 });
  await disk.truncate('log', end.end);
  t.equal(await disk.size('log'), size);
});

t.test('a block that lies elsewhere than where it was written does not count', async (t) => {
  const { disk, directory } = await diskIn(t);
  await write(await disk.create('log'), [['first'], ['again']]);
  const bytes = readFileSync(join(directory, 'log'));
  writeFileSync(join(directory, 'log'), bytes.subarray(blockHeaderBytes + 'first'.length));
  const { blocks } = await readAll(disk, 'log');
  t.same(blocks, []);
});

t.test('policies: how often is synced', async (t) => {
  const groups = [['first'], ['second'], ['third']];
  const { disk } = await diskIn(t);
  for (const [policy, syncs] of [
    ['always', 3],
    ['never', 1],
    ['everysec', 1],
  ] as const) {
    const file = await disk.create(`log-${policy}`);
    let count = 0;
    const counted = {
      ...bound(file),
      async sync() {
        count += 1;
        await file.sync();
      },
    };
    const { kept } = await write(counted, groups, policy);
    t.same(kept, [1, 2, 3], policy);
    t.equal(count, syncs, `${policy}: the last one is when the file is closed`);
  }
});

t.test('everysec: the last block is synced, although none follows', async (t) => {
  const { disk } = await diskIn(t);
  const file = await disk.create('log');
  const synced = Promise.withResolvers<void>();
  const writer = new BlockWriter({
    file: {
      ...bound(file),
      async sync() {
        await file.sync();
        synced.resolve();
      },
    },
    offset: 0,
    policy: 'everysec',
    clock,
    onKept: () => undefined,
    onFailed: (error) => synced.reject(error),
  });
  writer.add(1, Buffer.from('only'));
  writer.write();
  await synced.promise;
  await writer.close();
  t.equal((await readAll(disk, 'log')).blocks.length, 1);
});

t.test('a sync on request: what was added so far is synced, whatever the policy', async (t) => {
  const { disk } = await diskIn(t);
  const file = await disk.create('log');
  let syncs = 0;
  const writer = new BlockWriter({
    file: {
      ...bound(file),
      async sync() {
        syncs += 1;
        await file.sync();
      },
    },
    offset: 0,
    policy: 'never',
    clock,
    onKept: () => undefined,
    onFailed: () => undefined,
  });
  await writer.sync();
  t.equal(syncs, 0, 'there is nothing to sync');
  writer.add(1, Buffer.from('first'));
  await Promise.all([writer.sync(), writer.sync()]);
  t.equal(syncs, 1);
  t.equal((await readAll(disk, 'log')).blocks.length, 1);
  writer.add(1, Buffer.from('second'));
  const awaited = writer.sync();
  await Promise.all([awaited, writer.close()]);
  t.equal(syncs, 2, 'the end of the writer keeps nobody waiting');

  const other = await disk.create('other');
  const failing = new BlockWriter({
    file: { ...bound(other), sync: () => Promise.reject(new TableError('INTERNAL', 'EIO')) },
    offset: 0,
    policy: 'never',
    clock,
    onKept: () => undefined,
    onFailed: () => undefined,
  });
  failing.add(1, Buffer.from('third'));
  await t.rejects(failing.sync(), { message: 'EIO' });
  await t.rejects(failing.sync(), { message: 'EIO' }, 'for ever');
});

t.test('after a failed sync nothing counts as kept, and nothing more is written', async (t) => {
  const { disk } = await diskIn(t);
  const file = await disk.create('log');
  let syncs = 0;
  const failing = {
    ...bound(file),
    async sync() {
      syncs += 1;
      if (syncs === 2) throw new TableError('INTERNAL', 'EIO: i/o error, fdatasync');
      await file.sync();
    },
  };
  const { kept, failures } = await write(failing, [['first'], ['second']]);
  t.same(kept, [1]);
  t.same(
    failures.map(({ code }) => code),
    ['INTERNAL'],
  );
  t.equal(syncs, 2, 'a failed sync is not repeated, also not when the file is closed');
});

t.test('a full disk is an error of its own', async (t) => {
  const { disk, directory } = await diskIn(t);
  symlinkSync('/dev/full', join(directory, 'log'));
  const { kept, failures } = await write(await disk.open('log'), [['first']]);
  t.same(kept, []);
  t.same(
    failures.map(({ code }) => code),
    ['FULL'],
  );
});

/** A file on a disk that is full at the given attempts to append, each of which leaves a part. */
function fullAt(file: AppendFile, attempts: readonly number[]): AppendFile {
  let attempt = 0;
  return {
    ...bound(file),
    async append(parts) {
      attempt += 1;
      if (!attempts.includes(attempt)) return await file.append(parts);
      await file.append([Buffer.concat(parts).subarray(0, 40)]);
      throw new TableError('FULL', 'no room');
    },
  };
}

t.test('a writer whose disk is full goes on when there is room, and nothing is torn', async (t) => {
  const { disk } = await diskIn(t);
  const events: string[] = [];
  const whole = Promise.withResolvers<void>();
  const writer = new BlockWriter({
    file: fullAt(await disk.create('log'), [2, 3]),
    offset: 0,
    policy: 'always',
    // Without the pause.
    clock: { now: () => 0, after: (_, run) => clock.after(0, run) },
    onKept: (blocks) => {
      events.push(`kept ${blocks}`);
      if (blocks === 2) whole.resolve();
      else {
        writer.add(2, Buffer.from('second'));
        writer.write();
      }
    },
    onFailed: (error) => events.push(`failed ${error.code}`),
    onFull: ({ code }) => events.push(code),
  });
  writer.add(1, Buffer.from('first'));
  writer.write();
  await whole.promise;
  await writer.close();
  t.same(events, ['kept 1', 'FULL', 'FULL', 'kept 2']);
  const { blocks, end } = await readAll(disk, 'log');
  t.same(
    blocks.map(({ payload }) => Buffer.from(payload).toString()),
    ['first', 'second'],
  );
  t.equal(end.torn, 0);
});

t.test('a writer whose disk is full is closed: it fails, and does not wait', async (t) => {
  const { disk } = await diskIn(t);
  const events: string[] = [];
  const full = Promise.withResolvers<void>();
  const writer = new BlockWriter({
    file: fullAt(await disk.create('log'), [1, 2]),
    offset: 0,
    policy: 'always',
    clock: { now: () => 0, after: () => ({ cancel: () => undefined }) },
    onKept: (blocks) => events.push(`kept ${blocks}`),
    onFailed: (error) => events.push(`failed ${error.code}`),
    onFull: ({ code }) => {
      events.push(code);
      full.resolve();
    },
  });
  writer.add(1, Buffer.from('first'));
  writer.write();
  await full.promise;
  await writer.close();
  t.same(events, ['FULL', 'failed FULL']);
  t.equal(await disk.size('log'), 0, 'the part is gone');
});

t.test('a directory belongs to one process', async (t) => {
  const { disk, directory } = await diskIn(t);
  const again = await errorOf(openNodeDisk(directory));
  t.match(again, { code: 'BAD_REQUEST', message: /another process uses/ });
  const program = [
    `import { openNodeDisk } from ${JSON.stringify(new URL('../src/disk/node-disk.ts', import.meta.url).href)};`,
    'await openNodeDisk(process.argv[1]).then((disk) => disk.close(), (error) => console.log(error.code));',
  ].join('\n');
  const run = () =>
    spawnSync(process.execPath, ['--input-type=module', '--eval', program, directory], { encoding: 'utf8' });
  t.equal(run().stdout, 'BAD_REQUEST\n');
  await disk.close();
  t.equal(run().stdout, '', 'it is free again');
});

t.test('files: list, rename, remove', async (t) => {
  const { disk } = await diskIn(t);
  const file = await disk.create('one');
  await file.append([Buffer.from('abc'), Buffer.from('def')]);
  await file.close();
  await disk.rename('one', 'two');
  t.same(await disk.list(), ['two'], 'the lock is no file of its user');
  t.same(Buffer.from(await disk.read('two', 2, 100)).toString(), 'cdef');
  t.match(await errorOf(disk.create('two')), { code: 'INTERNAL' }, 'no file is written over');
  await disk.remove('two');
  await disk.syncNames();
  t.same(await disk.list(), []);
  t.ok((await disk.freeBytes()) > 0);
  t.match(await errorOf(disk.size('two')), { code: 'INTERNAL', message: /two/ });
});

function bound(file: AppendFile): AppendFile {
  return {
    append: (parts) => file.append(parts),
    cut: (bytes) => file.cut(bytes),
    sync: () => file.sync(),
    close: () => file.close(),
  };
}
