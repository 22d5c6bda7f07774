/** What a server does when its disk has little room left (part4/README.md, "Data on disk"). */
import { TableError } from '@tablelab/shared';
import { type DiskRoom, RoomWatch } from '@tablelab/shared/disk';
import t from 'tap';
import { noEntry } from '../src/core/condition.ts';
import { CoreScript, helloFrom, put, write } from './support/core-script.ts';
import { ManualClock } from './support/manual-clock.ts';
import { numberIn, Scenario } from './support/scenario.ts';

const reserve = 1_000;

class Watched {
  readonly clock = new ManualClock();
  readonly changes: DiskRoom[] = [];
  readonly lines: string[] = [];
  free: number | TableError;
  written = 0;
  readonly watch: RoomWatch;

  constructor(free: number) {
    this.free = free;
    this.watch = new RoomWatch({
      disk: {
        freeBytes: async () => {
          if (this.free instanceof TableError) throw this.free;
          return this.free;
        },
      },
      clock: this.clock,
      written: () => this.written,
      reserveBytes: reserve,
      freeBytes: free,
      onChange: (room) => this.changes.push(room),
      consequence: 'while it is the head, this server takes no writes',
      log: (line) => this.lines.push(line),
    });
  }

  /** Lets it look at the disk. */
  async look(): Promise<void> {
    this.clock.pass(1_000);
    // The answer of the disk, and what follows from it.
    await new Promise(setImmediate);
  }
}

t.test(
  'the room of a disk: it is looked at each second, and what the server writes is counted in between (part4/README.md#disk-full)',
  async (t) => {
    const watched = new Watched(1_500);
    await new Promise(setImmediate);
    t.equal(watched.watch.room, 'enough');
    watched.written = 500;
    watched.watch.count();
    t.same(watched.changes, [], 'exactly the reserve is left');
    watched.written = 501;
    watched.watch.count();
    t.same(watched.changes, ['low']);
    watched.free = 249;
    await watched.look();
    t.same(watched.changes, ['low', 'none']);
    watched.free = 1_249;
    await watched.look();
    t.same(watched.changes, ['low', 'none', 'low'], 'a little more than the reserve is not enough again');
    watched.free = 1_250;
    await watched.look();
    t.same(watched.changes, ['low', 'none', 'low', 'enough']);
    watched.free = new TableError('INTERNAL', 'no such disk');
    await watched.look();
    t.equal(watched.watch.room, 'enough', 'what was known stays');
    watched.watch.noteFull();
    t.equal(watched.watch.room, 'none');
    t.match(watched.lines.join('\n'), /999 bytes left.*\n.*249 bytes left/);
    watched.watch.close();
    watched.free = 5_000;
    await watched.look();
    t.equal(watched.watch.room, 'none', 'a closed one says nothing more');
  },
);

t.test('a disk that is nearly full when the server starts (part4/README.md#disk-full)', async (t) => {
  const watched = new Watched(999);
  await new Promise(setImmediate);
  t.same(watched.changes, ['low']);
});

t.test(
  'a head with little room on its disk takes no write, and answers repeats (part4/README.md#disk-full)',
  async (t) => {
    const head = new CoreScript(0);
    head.directory({ view: [0] });
    const client = 'c'.repeat(32);
    head.write({ op: 'open', client, key: '' });
    const named = { client, request: 1, firstIncomplete: 1, key: 'a' };
    head.write(named, 'assigned');
    head.executed(2);
    for (const room of ['low', 'none'] as const) {
      head.on({ type: 'room', room });
      for (const op of ['put', 'del'] as const) {
        t.match(head.write({ op, key: 'b' }), [/^reply \d+ refused the disk of the head has no room/], op);
        t.equal(head.core.writeRefusal({ ...write, op, key: 'b' }, noEntry, head.now)?.code, 'DISK_FULL');
      }
      t.match(head.write(named, 'assigned'), [/^reply \d+ assigned 0:1/], 'it has a name already');
      t.equal(head.core.readRefusal(head.now), undefined, 'reads go on');
    }
    head.on({ type: 'room', room: 'enough' });
    t.match(head.write({ key: 'b' }), [/^execute 0:2 put b/]);
  },
);

for (const room of ['low', 'none'] as const) {
  t.test(
    `a server behind the head whose disk has ${room === 'low' ? 'little' : 'no'} room gets an update (part4/README.md#disk-full)`,
    async (t) => {
      const tail = new CoreScript(1);
      tail.directory({ view: [0, 1] });
      tail.message('in', helloFrom(0));
      tail.on({ type: 'room', room });
      const lines = tail.message('in', { type: 'updates', updates: [put(0, 0)] });
      if (room === 'low') t.match(lines, [/^execute 0:0/], 'what is under way still fits');
      else t.match(lines.join('\n'), /stop .*leaves the chain, which continues without it/);
    },
  );
}

const reserveInSim = 16_384;

for (const seed of [1, 2, 3]) {
  t.test(
    `the disk of the head fills up, and has room again, seed ${seed} (part4/README.md#disk-full)`,
    async (t) => {
      const scenario = await Scenario.chainOf(3, { seed, hasDisks: true });
      const { cluster } = scenario;
      await scenario.resultOf(scenario.put('a', 1));
      cluster.diskOf(0)?.fill(reserveInSim * 0.8);
      await scenario.until(() => scenario.server(0).core.state.room === 'low', 'the head has seen it');
      t.match(await scenario.resultOf(scenario.put('a', 2)), {
        type: 'error',
        code: 'DISK_FULL',
        mayHaveHappened: false,
      });
      t.equal(numberIn(await scenario.resultOf(scenario.get('a'))), 1, 'reads go on');
      t.equal(cluster.servers.length, 3, 'and nobody leaves');
      cluster.diskOf(0)?.makeRoom();
      await scenario.until(() => scenario.server(0).core.state.room === 'enough', 'the head has seen it');
      t.match(await scenario.resultOf(scenario.put('a', 3)), { type: 'written' });
      await scenario.checkAll();
    },
  );

  t.test(
    `a tail without room leaves, and the chain goes on; it comes back when there is room, seed ${seed} (part4/README.md#disk-full)`,
    async (t) => {
      const scenario = await Scenario.chainOf(3, { seed, hasDisks: true });
      const { cluster } = scenario;
      await scenario.resultOf(scenario.put('a', 1));
      cluster.diskOf(2)?.fill(reserveInSim * 0.1);
      await scenario.until(() => scenario.server(2).core.state.room === 'none', 'the tail has seen it');
      await scenario.pass(3_000);
      t.equal(cluster.servers.length, 3, 'it stays as long as nothing comes');
      t.match(await scenario.resultOf(scenario.put('a', 2)), { type: 'written' });
      t.equal(numberIn(await scenario.resultOf(scenario.get('a'))), 2);
      t.equal(scenario.server(1).core.isTail, true, 'the one before it is the tail now');
      cluster.diskOf(2)?.makeRoom();
      await scenario.until(() => scenario.server(0).core.record?.members.length === 3, 'it is back');
      await scenario.checkAll();
      t.equal(cluster.servers.length, 3);
    },
  );

  t.test(
    `a disk that is full at once: a lone server answers reads, and goes on when there is room, seed ${seed} (part4/README.md#disk-full)`,
    async (t) => {
      const scenario = await Scenario.chainOf(1, { seed, hasDisks: true });
      const { cluster } = scenario;
      await scenario.resultOf(scenario.put('a', 1));
      const alone = scenario.server(0);
      cluster.diskOf(0)?.fill(10);
      const waiting = scenario.put('a', 2);
      await scenario.until(() => alone.core.state.room === 'none', 'it has noticed');
      // Other clients: on one connection, answers wait for earlier ones.
      const refused = scenario.ask(alone, { ...write, op: 'put', key: 'b', data: Uint8Array.of(3) });
      const read = scenario.ask(alone, { op: 'get', key: 'a' });
      await scenario.until(
        () => refused.answer !== undefined && read.answer !== undefined,
        'both are answered',
      );
      t.match(refused.answer, { type: 'error', code: 'DISK_FULL' });
      t.match(read.answer, { type: 'value', value: Uint8Array.of(1) }, 'reads go on');
      cluster.diskOf(0)?.makeRoom();
      t.match(await scenario.resultOf(waiting), { type: 'written' });
      t.match(await scenario.resultOf(scenario.put('b', 4)), { type: 'written' });
      t.equal(scenario.server(0), alone, 'the same server');
      await scenario.checkAll();
      cluster.kill(0);
      cluster.diskOf(0)?.cutPower();
      cluster.start(0);
      t.equal(numberIn(await scenario.resultOf(scenario.get('a'))), 2, 'and what it wrote then is whole');
      t.equal(numberIn(await scenario.resultOf(scenario.get('b'))), 4);
      await scenario.checkAll();
    },
  );
}
