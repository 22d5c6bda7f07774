/** Directed runs: each kind of action has its effect, and a seed with a list of edits is one run (part4/sim/directed). */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { must } from '@tablelab/shared';
import t, { type Test } from 'tap';
import { type Action, actionKinds } from '../sim/directed/action.ts';
import { DirectedRun } from '../sim/directed/directed-run.ts';
import { type Edit, editListFrom } from '../sim/directed/edit-list.ts';
import { valueText } from '../sim/directed/hand-client.ts';
import type { Performed } from '../sim/directed/hands.ts';
import { runEdits } from '../sim/directed/run-edits.ts';
import { contentOf } from '../sim/message-content.ts';
import { commandOf, pageCommandOf } from '../sim/repeat-command.ts';
import { runSeed } from '../sim/run-seed.ts';
import type { SimServer } from '../sim/server.ts';

const program = fileURLToPath(new URL('../sim/program.ts', import.meta.url));
const limitMs = 15_000;

/** A chain of three servers in one situation. */
class Situation {
  readonly run: DirectedRun;
  readonly #t: Test;

  private constructor(t: Test, run: DirectedRun) {
    this.run = run;
    this.#t = t;
  }

  static async of(t: Test, seed: number): Promise<Situation> {
    const run = new DirectedRun({ seed, servers: 3, keepsTrace: true });
    await run.begin();
    return new Situation(t, run);
  }

  server(place: number): SimServer {
    return must(this.run.cluster.serverIn(place), `s${place} runs`);
  }

  /** Performs an action that can be carried out. */
  do(action: Action): Performed {
    const performed = this.run.hands.perform(action);
    this.#t.equal(performed.refusal, undefined, `${action.do} is carried out`);
    return performed;
  }

  /** The answer to an operation, which must come. */
  async answerTo(action: Action): Promise<unknown> {
    const { answer } = this.do(action);
    await this.until(() => answer?.outcome !== undefined, `${action.do} is answered`);
    return answer?.outcome;
  }

  /** How long a put takes until it is COMMITTED, in milliseconds. */
  async putMs(value: string): Promise<number> {
    const { world } = this.run;
    const begunAt = world.now;
    this.#t.match(await this.answerTo({ do: 'put', key: 'a', value }), { type: 'written' });
    return world.now - begunAt;
  }

  async until(isReached: () => boolean, what: string): Promise<void> {
    this.#t.ok(await this.run.until(isReached, { limitMs }), what);
  }

  /** Whether it comes within so many milliseconds. */
  within(ms: number, isReached: () => boolean): Promise<boolean> {
    return this.run.until(isReached, { limitMs: ms });
  }

  get view(): number {
    return this.run.cluster.zooKeeper.chain.view.servers.length;
  }

  /** Until a message of this type is on its way. */
  underWay(from: string, to: string, type: string): Promise<void> {
    return this.until(
      () =>
        [...this.run.cluster.network.underWay()].some((flight) => {
          if (flight.from !== from || flight.to !== to || flight.item.isLost) return false;
          return contentOf(flight).some((content) => content.type === type);
        }),
      `${type} is under way from ${from} to ${to}`,
    );
  }

  /** How often a value was put, in the history of a server. */
  timesPut(value: string, place: number): number {
    let times = 0;
    let node = this.server(place).table.history;
    for (; node.update !== undefined; node = must(node.parent, 'it has one')) {
      if (node.update.op === 'put' && valueText(node.update.data) === value) times += 1;
    }
    return times;
  }

  lines(pattern: RegExp): number {
    return this.run.world.lines.filter((line) => pattern.test(line)).length;
  }

  /** All is well again, and the answers fit together. */
  async end(): Promise<void> {
    const { cluster, hands } = this.run;
    await this.until(() => cluster.isQuiet && hands.areCallsDone, 'all is well again');
    this.run.check();
  }
}

type Effect = (situation: Situation, t: Test) => Promise<void>;

const effects: Readonly<Record<Action['do'], Effect>> = {
  kill: async (s, t) => {
    s.do({ do: 'kill', server: 's1' });
    t.equal(s.run.cluster.serverIn(1), undefined, 'it is gone at once');
    await s.until(() => s.view === 2, 'its znode goes when its session ends');
    await s.putMs('1');
  },
  restart: async (s, t) => {
    s.do({ do: 'kill', server: 's0' });
    await s.until(() => s.server(1).core.isHead, 'another server is the head');
    t.equal(s.view, 2);
    s.do({ do: 'restart', server: 's0' });
    await s.until(() => s.server(0).core.isMember && s.server(0).core.isTail, 'it comes back as the tail');
    t.equal(s.view, 3);
  },
  pause: async (s, t) => {
    s.do({ do: 'pause', server: 's2' });
    const { answer } = s.do({ do: 'put', key: 'a', value: '1' });
    t.notOk(
      await s.within(400, () => answer?.outcome !== undefined),
      'no write is COMMITTED without the tail',
    );
    await s.until(() => s.view === 2, 'its session ends');
    await s.until(() => answer?.outcome !== undefined, 'and the others go on');
    s.do({ do: 'resume', server: 's2' });
  },
  resume: async (s, t) => {
    s.do({ do: 'pause', server: 's1' });
    const { answer } = s.do({ do: 'put', key: 'a', value: '1' });
    t.notOk(await s.within(300, () => answer?.outcome !== undefined), 'the write waits');
    s.do({ do: 'resume', server: 's1' });
    t.ok(await s.within(200, () => answer?.outcome !== undefined), 'and goes on, in the same session');
    t.equal(s.view, 3);
  },
  join: async (s) => {
    await s.putMs('1');
    s.do({ do: 'join' });
    await s.until(() => s.server(3).core.isMember && s.server(3).core.isTail, 'it becomes the tail');
    await s.until(() => s.timesPut('1', 3) === 1, 'with all that was written');
  },
  leave: async (s, t) => {
    s.do({ do: 'leave', server: 's2' });
    await s.until(() => s.run.cluster.serverIn(2) === undefined, 'it ends');
    t.equal(s.view, 2, 'and took its znode with it');
    t.notOk(await s.within(5_000, () => s.run.cluster.places > 3 || s.view > 2), 'it stays away');
    s.do({ do: 'restart', server: 's2' });
    await s.until(() => s.view === 3, 'until it is started');
  },
  cut: async (s, t) => {
    await s.putMs('1');
    s.do({ do: 'cut', from: 's0', to: 's1' });
    const { answer } = s.do({ do: 'put', key: 'a', value: '2' });
    t.notOk(await s.within(500, () => answer?.outcome !== undefined), 'the write does not get through');
    t.same([s.timesPut('2', 0), s.timesPut('2', 1)], [1, 0], 'it is executed before the cut alone');
    t.notOk(s.run.cluster.network.isCut('s1', 's0'), 'the way back is not cut');
    s.do({ do: 'heal', from: 's0', to: 's1' });
  },
  heal: async (s) => {
    await s.putMs('0');
    s.do({ do: 'cut', from: 's1', to: 's0' });
    const { answer } = s.do({ do: 'put', key: 'a', value: '1' });
    await s.until(() => s.timesPut('1', 2) === 1, 'the tail has the write');
    s.do({ do: 'heal', from: 's1', to: 's0' });
    await s.until(() => answer?.outcome !== undefined, 'the ACK gets through');
  },
  slow: async (s, t) => {
    const usualMs = await s.putMs('1');
    s.do({ do: 'slow', server: 's1', factor: 1_000 });
    const slowMs = await s.putMs('2');
    s.do({ do: 'slow', server: 's1', factor: 1 });
    t.ok(slowMs > usualMs + 40, `${slowMs} ms in place of ${usualMs}`);
    t.ok((await s.putMs('3')) < slowMs, 'until it is usual again');
  },
  'slow-link': async (s, t) => {
    const usualMs = await s.putMs('1');
    s.do({ do: 'slow-link', from: 's1', to: 's2', factor: 300 });
    const slowMs = await s.putMs('2');
    s.do({ do: 'slow-link', from: 's1', to: 's2', factor: 1 });
    t.ok(slowMs > usualMs + 20, `${slowMs} ms in place of ${usualMs}`);
  },
  'stop-zookeeper': async (s, t) => {
    s.do({ do: 'stop-zookeeper' });
    const serves = () => s.run.cluster.servers.some((server) => server.servesReads || server.takesWrites);
    t.ok(serves(), 'the servers still have leases');
    await s.until(() => !serves(), 'which end');
    t.match(await s.answerTo({ do: 'get', key: 'a', server: 's2' }), { type: 'error', code: 'NOT_READY' });
    s.do({ do: 'start-zookeeper' });
  },
  'start-zookeeper': async (s, t) => {
    s.do({ do: 'stop-zookeeper' });
    const { answer } = s.do({ do: 'put', key: 'a', value: '1' });
    await s.within(3_000, () => false);
    const late = s.do({ do: 'put', key: 'a', value: '2' }).answer;
    t.notOk(await s.within(1_000, () => late?.outcome !== undefined), 'a write waits');
    s.do({ do: 'start-zookeeper' });
    await s.until(
      () => late?.outcome !== undefined && answer?.outcome !== undefined,
      'and goes on by itself',
    );
  },
  'wipe-zookeeper': async (s, t) => {
    await s.putMs('1');
    const before = s.run.cluster.servers.map(({ session }) => session);
    s.do({ do: 'wipe-zookeeper' });
    t.equal(s.view, 0, 'no znode is left');
    await s.until(() => s.view === 3 && s.run.cluster.isQuiet, 'all register again');
    for (const server of s.run.cluster.servers)
      t.notOk(before.includes(server.session), 'in another session');
    t.match(await s.answerTo({ do: 'get', key: 'a' }), { type: 'value', value: Uint8Array.of(49) });
  },
  deliver: async (s, t) => {
    s.do({ do: 'put', key: 'a', value: '1' });
    await s.underWay('s0', 's1', 'updates');
    const { received } = s.server(1).core;
    const { now } = s.run.world;
    s.do({ do: 'deliver', message: { from: 's0', to: 's1', type: 'updates' } });
    t.equal(s.server(1).core.received, received + 1, 'the server has it');
    t.equal(s.run.world.now, now, 'at once');
  },
  delay: async (s, t) => {
    const { world } = s.run;
    const { answer } = s.do({ do: 'put', key: 'a', value: '1' });
    await s.underWay('s1', 's0', 'ack');
    const begunAt = world.now;
    s.do({ do: 'delay', message: { from: 's1', to: 's0', type: 'ack' }, ms: 400 });
    await s.until(() => answer?.outcome !== undefined, 'the write is answered');
    t.ok(world.now >= begunAt + 400, `after ${world.now - begunAt} ms`);
    t.equal(s.lines(/s0#1 < link-down/), 0, 'over the same connection');
  },
  drop: async (s, t) => {
    const { answer } = s.do({ do: 'put', key: 'a', value: '1' });
    await s.underWay('s0', 's1', 'updates');
    const { received } = s.server(1).core;
    s.do({ do: 'drop', message: { from: 's0', to: 's1', type: 'updates' } });
    await s.until(() => s.lines(/s0#1 < link-down/) === 1, 'the sender finds the link broken');
    t.equal(s.server(1).core.received, received, 'the update has not arrived');
    await s.until(() => answer?.outcome !== undefined, 'it is sent again over the next link');
    t.equal(s.timesPut('1', 2), 1);
  },
  duplicate: async (s, t) => {
    const { answer } = s.do({ do: 'put', key: 'a', value: '1' });
    await s.underWay('you', 's0', 'put');
    s.do({ do: 'duplicate', message: { from: 'you', to: 's0', type: 'put' } });
    await s.until(() => answer?.outcome !== undefined, 'the client gets an answer');
    t.equal(s.lines(/s0#1 < write \d+ put/), 2, 'the head has got the request twice');
    t.equal(s.timesPut('1', 0), 1, 'and has executed it once');
  },
  put: async (s, t) => {
    t.match(await s.answerTo({ do: 'put', key: 'a', value: 'x' }), { type: 'written', name: { epoch: 0 } });
    t.equal(s.timesPut('x', 2), 1);
    t.match(await s.answerTo({ do: 'put', key: 'a', value: 'y', server: 's1' }), { code: 'NOT_HEAD' });
    t.match(await s.answerTo({ do: 'put', key: 'a', value: 'z', server: 's0' }), { type: 'written' });
  },
  get: async (s, t) => {
    t.same(await s.answerTo({ do: 'get', key: 'a' }), { type: 'value', value: undefined });
    await s.putMs('1');
    t.match(await s.answerTo({ do: 'get', key: 'a' }), { type: 'value', value: Uint8Array.of(49) });
    t.match(await s.answerTo({ do: 'get', key: 'a', client: 'ana' }), { value: Uint8Array.of(49) });
    t.match(await s.answerTo({ do: 'get', key: 'a', server: 's2' }), { value: Uint8Array.of(49) });
    t.match(await s.answerTo({ do: 'get', key: 'a', server: 's0' }), { type: 'error', code: 'NOT_TAIL' });
  },
  del: async (s, t) => {
    t.match(await s.answerTo({ do: 'del', key: 'a' }), { type: 'written', isApplied: false });
    await s.putMs('1');
    t.match(await s.answerTo({ do: 'del', key: 'a' }), { type: 'written', isApplied: true });
    t.same(await s.answerTo({ do: 'get', key: 'a' }), { type: 'value', value: undefined });
  },
  verify: async (s, t) => {
    const written = (await s.answerTo({ do: 'put', key: 'a', value: '1' })) as { name: { number: number } };
    t.equal(written.name.number, 1);
    t.match(await s.answerTo({ do: 'verify', name: '0:1' }), { type: 'verified', executed: true });
    t.match(await s.answerTo({ do: 'verify', name: '0:9' }), { type: 'verified', executed: false });
    t.match(await s.answerTo({ do: 'verify', name: '7:1' }), { type: 'error', code: 'LOST' });
  },
};

t.same(Object.keys(effects), actionKinds, 'each kind of action has a case');
for (const kind of actionKinds) {
  for (const seed of [1, 2, 3]) {
    t.test(`${kind} has its effect, seed ${seed}`, async (t) => {
      const situation = await Situation.of(t, seed);
      await effects[kind](situation, t);
      await situation.end();
    });
  }
}

t.test('an action that cannot be carried out changes nothing, and says why', async (t) => {
  const { run } = await Situation.of(t, 1);
  const refused: readonly (readonly [Action, RegExp])[] = [
    [{ do: 'kill', server: 's7' }, /no server runs at s7/],
    [{ do: 'restart', server: 's0' }, /s0 is running/],
    [{ do: 'restart', server: 's8' }, /s8 has never been started/],
    [{ do: 'resume', server: 's0' }, /s0 is not paused/],
    [{ do: 'cut', from: 's0', to: 's0' }, /one machine to another/],
    [{ do: 'cut', from: 's0', to: 'mars' }, /no machine is called mars/],
    [{ do: 'heal', from: 's0', to: 's1' }, /not cut/],
    [{ do: 'start-zookeeper' }, /running/],
    [{ do: 'drop', message: 123_456 }, /no such message/],
    [{ do: 'deliver', message: { from: 's0', to: 's1', type: 'snapshot' } }, /no such message/],
    [{ do: 'get', key: 'a', client: 'zk' }, /another machine is called zk/],
    [{ do: 'get', key: 'a', server: 's9' }, /no server runs at s9/],
  ];
  for (const [action, reason] of refused) t.match(run.hands.perform(action).refusal, reason);
});

t.test('a message under way is found by its number', async (t) => {
  const situation = await Situation.of(t, 1);
  const { network } = situation.run.cluster;
  situation.do({ do: 'put', key: 'a', value: '1' });
  await situation.underWay('s0', 's1', 'updates');
  const flight = must(
    [...network.underWay()].find((one) => contentOf(one).some(({ type }) => type === 'updates')),
    'it is under way',
  );
  t.equal(contentOf(flight).at(-1)?.text, 'updates 0:0', 'which opens the client session');
  situation.do({ do: 'drop', message: flight.item.number });
  t.ok(flight.item.isLost);
  await situation.end();
});

t.test(
  'a read that is made after an answer comes after it in the history, without time in between',
  async (t) => {
    const situation = await Situation.of(t, 1);
    t.match(await situation.answerTo({ do: 'put', key: 'a', value: '1' }), { type: 'written' });
    situation.do({ do: 'get', key: 'a' });
    const [put, get] = situation.run.recorder.operations;
    t.match(put, { outcome: 'ok' });
    if (put?.outcome === 'ok') t.ok((get?.call ?? 0) > put.return);
    await situation.end();
  },
);

t.test('what is sent after a delayed message waits for it; delivered early, it comes after it', async (t) => {
  for (const seed of [1, 2, 3]) {
    const situation = await Situation.of(t, seed);
    const { cluster, world } = situation.run;
    await situation.putMs('0');
    const { received } = situation.server(1).core;
    const calls = [situation.do({ do: 'put', key: 'a', value: '1' })];
    await situation.underWay('s0', 's1', 'updates');
    const begunAt = world.now;
    situation.do({ do: 'delay', message: { from: 's0', to: 's1', type: 'updates' }, ms: 300 });
    calls.push(situation.do({ do: 'put', key: 'a', value: '2' }));
    const updates = () =>
      [...cluster.network.underWay()].filter((flight) => {
        return flight.to === 's1' && contentOf(flight).some(({ type }) => type === 'updates');
      });
    await situation.until(() => updates().length === 2, 'the second one is on its way, too');
    t.notOk(await situation.within(50, () => situation.server(1).core.received > received), 'and waits');
    situation.do({ do: 'deliver', message: must(updates()[1], 'it waits').item.number });
    t.equal(situation.server(1).core.received, received + 2, 'both are there');
    t.ok(world.now < begunAt + 300, 'before the delay is over');
    await situation.until(
      () => calls.every(({ answer }) => answer?.outcome !== undefined),
      'both are answered',
    );
    await situation.end();
    t.equal(situation.lines(/link-down/), 0, 'over the same connection');
  }
});

t.test('a message cannot be delivered over a cut path', async (t) => {
  const situation = await Situation.of(t, 1);
  situation.do({ do: 'put', key: 'a', value: '1' });
  await situation.underWay('s0', 's1', 'updates');
  situation.do({ do: 'cut', from: 's0', to: 's1' });
  for (const kind of ['deliver', 'duplicate'] as const) {
    const message = { from: 's0', to: 's1', type: 'updates' };
    t.match(situation.run.hands.perform({ do: kind, message }).refusal, /the path from s0 is cut/);
  }
  situation.do({ do: 'heal', from: 's0', to: 's1' });
  await situation.end();
});

// ---- a seed with a list of edits ----

const killed: Edit[] = [
  { at: 1_000, do: 'pause', server: 's0' },
  { after: 700, do: 'put', key: 'a', value: 'mine' },
  { at: 1_900, do: 'kill', server: 's0' },
];

t.test('the same seed and the same edits give the same run', async (t) => {
  for (const servers of [undefined, 3]) {
    const edits = { edits: killed, ...(servers === undefined ? {} : { servers }) };
    for (const seed of [3, 17]) {
      const [one, other] = await Promise.all([1, 2].map(() => runEdits({ seed, edits, keepsTrace: true })));
      t.equal(one?.failure, undefined);
      t.equal(one?.hash, other?.hash);
      t.equal(one?.trace.join('\n'), other?.trace.join('\n'));
      t.equal((await runEdits({ seed, edits })).hash, one?.hash, 'whether the trace is kept or not');
      const fewer = await runEdits({ seed, edits: { ...edits, edits: killed.slice(0, 2) } });
      t.not(fewer.hash, one?.hash, 'other edits are another run');
    }
  }
});

t.test(
  'without edits, a seed is the run that it is; an edit leaves what was before it as it was',
  async (t) => {
    for (const seed of [3, 17, 99]) {
      const plain = await runSeed({ seed, keepsTrace: true });
      t.equal((await runEdits({ seed, edits: { edits: [] } })).hash, plain.hash);
      const edits = { edits: [{ at: 2_500, do: 'put', key: 'a', value: 'x' }] as Edit[] };
      const { trace, edits: performed } = await runEdits({ seed, edits, keepsTrace: true });
      const place = trace.findIndex((line) => line.includes('by hand'));
      t.ok(place > 50);
      t.same(trace.slice(0, place), plain.trace.slice(0, place));
      t.match(performed, [{ atMs: 2_500, refusal: undefined, answer: { outcome: {} } }]);
    }
  },
);

t.test('an edit is carried out at its time, or after its event, and not before an earlier one', async (t) => {
  const edits: Edit[] = [
    { after: 900, do: 'pause', server: 's1' },
    { at: 10, do: 'resume', server: 's1' },
    { at: 7_777, do: 'get', key: 'a' },
  ];
  const { edits: performed } = await runEdits({ seed: 1, edits: { servers: 2, edits } });
  t.same(
    performed.map(({ action }) => action.do),
    ['pause', 'resume', 'get'],
  );
  t.same(
    performed.slice(0, 2).map(({ step }) => step),
    [900, 900],
  );
  t.equal(performed[2]?.atMs, 7_777);
});

t.test('a chain whose last copy a person takes away ends its run, without a broken rule', async (t) => {
  const all = ['s0', 's1'] as const;
  const edits: Edit[] = [
    { at: 2_000, do: 'put', key: 'a', value: '1' },
    ...all.map((server): Edit => ({ at: 3_000, do: 'kill', server })),
    { at: 3_000, do: 'wipe-zookeeper' },
    ...all.map((server): Edit => ({ at: 9_000, do: 'restart', server })),
    { at: 20_000, do: 'get', key: 'a' },
  ];
  const { failure, isVoid } = await runEdits({ seed: 1, edits: { servers: 2, edits } });
  t.equal(failure, undefined);
  t.ok(isVoid, 'another chain has begun');
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const everyone = ['s0', 's1', 's2', 's3', 's4'].map(
      (server): Edit => ({ at: 3_000, do: 'kill', server }),
    );
    t.equal((await runEdits({ seed, edits: { edits: everyone } })).failure, undefined, `seed ${seed}`);
  }
});

// ---- the format ----

t.test('a list of edits that is wrong is refused, with the place of the mistake', (t) => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [[], /all of it: .*expected object/],
    [{ edits: [{ at: 1, do: 'fly' }] }, /edit 0, do: .*'kill'/],
    [{ edits: [{ at: 1, do: 'kill' }] }, /edit 0, server: /],
    [{ edits: [{ at: 1, do: 'kill', server: 'head' }] }, /edit 0, server: expected a server, s0 to s9/],
    [{ edits: [{ do: 'join' }] }, /edit 0: it needs one of "at" and "after"/],
    [{ edits: [{ at: 1, after: 2, do: 'join' }] }, /edit 0: it needs one of "at" and "after"/],
    [{ edits: [{ at: 1, do: 'join', server: 's1' }] }, /edit 0: .*"server"/],
    [{ edits: [{ at: -1, do: 'join' }] }, /edit 0, at: /],
    [
      {
        edits: [
          { at: 9, do: 'join' },
          { at: 8, do: 'join' },
        ],
      },
      /edit 1: "at" is 8, and an earlier edit has 9/,
    ],
    [{ edits: [], servers: 9 }, /servers: /],
    [{ edits: Array.from({ length: 201 }, () => ({ at: 1, do: 'join' })) }, /edits: /],
  ];
  for (const [list, problem] of wrong) t.throws(() => editListFrom(JSON.stringify(list)), problem);
  t.throws(() => editListFrom('{"edits":'), /the edits are no JSON/);
  t.same(editListFrom(JSON.stringify({ servers: 3, edits: killed })), { servers: 3, edits: killed });
  t.end();
});

t.test('the command plays a file of edits, and names what is wrong in one', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edits-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', timeout: 25_000 });
  const file = join(folder, 'edits.json');
  const list = { servers: 3, edits: killed };
  writeFileSync(file, JSON.stringify(list));
  const { status, stdout, stderr } = run('--seed', '5', '--edits', file);
  t.equal(status, 0, stderr);
  t.match(stdout, new RegExp(`seed 5: trace ${(await runEdits({ seed: 5, edits: list })).hash}`));
  t.match(stdout, /edit 1 put key a value mine, at \d+ ms after event \d+: COMMITTED as 1:1/);
  writeFileSync(file, '{"edits":[{"at":1,"do":"kill","server":"s1"},{"at":2,"do":"kil"}]}');
  t.match(run('--seed', '5', '--edits', file), {
    status: 2,
    stderr: /edits\.json: .*malformed: edit 1, do: /,
  });
  t.match(run('--seed', '5', '--edits', join(folder, 'none')), { status: 2, stderr: /none: .*ENOENT/ });
  t.match(run('--edits', file), { status: 2, stderr: /give --seed, too/ });
});

/** Runs the simulator's program with the core of a mutant; the arguments begin with the mutant's name. */
const programOfMutant = `
  const { loadWith } = await import('${new URL('mutants/load-mutant.ts', import.meta.url).href}');
  const { mutants } = await import('${new URL('mutants/mutants.ts', import.meta.url).href}');
  await loadWith(mutants.find(({ name }) => name === process.argv[1]), 'sim/program.ts');
`;

t.test('a run with edits that breaks a rule ends with the command that repeats it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edits-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'cut-off-tail.json');
  const ways = [
    ['s2', 'zk'],
    ['zk', 's2'],
    ['s1', 's2'],
    ['s2', 's1'],
  ] as const;
  const edits: Edit[] = ways.map(([from, to]) => ({ at: 2_000, do: 'cut', from, to }));
  writeFileSync(file, JSON.stringify({ servers: 3, edits }));
  const args = ['--input-type=module', '--eval', programOfMutant, 'ignore-the-lease'];
  const options = { encoding: 'utf8', timeout: 25_000 } as const;
  const broken = spawnSync(process.execPath, [...args, '--seed', '1', '--edits', file], options);
  t.match(broken.stdout, /BROKEN: .* both answer reads/, broken.stderr);
  t.ok(broken.stdout.includes(`see it again: npm run sim -- --seed 1 --edits ${file} --trace`));
  t.ok(broken.stdout.includes(`see it in a browser: npm run page -- --seed 1 --edits ${file}`));
  t.equal(broken.status, 1);
  const right = spawnSync(process.execPath, [program, '--seed', '1', '--edits', file], options);
  t.match(right.stdout, /no rule was broken/, right.stderr);
  t.end();
});

t.test('the command that repeats a run names its faults, disks and edits', (t) => {
  t.equal(commandOf({ seed: 5 }), 'npm run sim -- --seed 5');
  t.equal(
    commandOf({ seed: 5, hasDisks: true, kinds: ['crash', 'pause'], faults: [0, 3] }, 'a/b.json'),
    'npm run sim -- --seed 5 --disks --faults crash,pause --keep 0,3 --edits a/b.json',
  );
  t.equal(
    commandOf({ seed: 5, kinds: [], faults: [] }, 'my edits.json'),
    `npm run sim -- --seed 5 --faults none --keep "" --edits 'my edits.json'`,
  );
  t.equal(
    pageCommandOf({ seed: 5, hasDisks: true, kinds: ['crash'], faults: [0, 3] }, 'a/b.json'),
    'npm run page -- --seed 5 --disks --faults crash --keep 0,3 --edits a/b.json',
  );
  t.end();
});
