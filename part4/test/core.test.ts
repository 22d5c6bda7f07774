import { seededRandom } from '@tablelab/shared';
import t from 'tap';
import { ChainCore, defaultChainLimits } from '../src/core/chain-core.ts';
import type { ChainEffect } from '../src/core/effects.ts';
import type { ChainMessage } from '../src/core/messages.ts';
import type { Update } from '../src/core/update.ts';
import type { View } from '../src/core/view.ts';
import { CoreNetwork } from './support/core-network.ts';

/** Three servers that have joined an empty chain. */
function chainOf(servers: number, seed = 1): CoreNetwork {
  const network = new CoreNetwork(seededRandom(seed));
  for (let i = 0; i < servers; i += 1) {
    network.join();
    network.settle();
  }
  return network;
}

function namesOf(updates: readonly Update[]): string[] {
  return updates.map((update) => `${update.epoch}:${update.seq}`);
}

/** One line an effect, for golden scripts. */
function script(effects: ChainEffect[]): string[] {
  return effects.map((effect) => {
    switch (effect.type) {
      case 'execute':
        return `execute ${namesOf(effect.updates)}`;
      case 'reply':
        return `reply ${effect.token} ${effect.reply.type}`;
      case 'dial':
        return `dial ${effect.link} after ${effect.delayMs} ms`;
      case 'send':
        return `send ${effect.link} ${effect.message.type}`;
      case 'close':
        return `close ${effect.link}: ${effect.detail}`;
      case 'read-view':
        return `read-view ${effect.version}`;
      case 'leave':
        return `leave: ${effect.detail}`;
      default:
        return effect satisfies never;
    }
  });
}

function viewOf(version: number, ...ids: number[]): View {
  return { version, servers: ids.map((id) => ({ id, address: `host:${id}` })) };
}

function update(seq: number, epoch: number): Update {
  return { seq, epoch, client: '', request: 0, op: 'put', key: `k${seq}`, data: new Uint8Array(0) };
}

/** A server that is the last of the chain 0, 1, has been handed it empty, and takes updates over the link `up`. */
function tailBehindHead(): { core: ChainCore; feed: (message: ChainMessage) => string[] } {
  const core = new ChainCore(1);
  const feed = (message: ChainMessage) => {
    core.handle({ type: 'message', link: 'up', message });
    return script(core.takeEffects());
  };
  core.handle({ type: 'view', view: viewOf(1, 0, 1) });
  feed({ type: 'hello', id: 0, viewVersion: 1 });
  feed({ type: 'handover', seq: 0 });
  return { core, feed };
}

t.test('golden script: a write alone on a chain of one', async (t) => {
  const core = new ChainCore(4);
  core.handle({ type: 'view', view: viewOf(1, 4) });
  const write = { client: '', request: 0, op: 'put', key: 'a', data: Uint8Array.of(1) } as const;
  core.handle({ type: 'write', token: 1, ack: 'committed', write });
  core.handle({ type: 'write', token: 2, ack: 'assigned', write });
  t.same(
    script(core.takeEffects()),
    ['execute 4:0', 'execute 4:1', 'reply 2 assigned'],
    'nothing is committed yet',
  );
  core.handle({ type: 'executed', executed: 2 });
  t.same(script(core.takeEffects()), ['reply 1 committed'], 'head and tail in one: executed is committed');
});

t.test('golden script: the middle of three executes, then forwards, then passes the ACK on', async (t) => {
  const core = new ChainCore(1);
  const step = (event: Parameters<ChainCore['handle']>[0]) => {
    core.handle(event);
    return script(core.takeEffects());
  };
  t.same(step({ type: 'view', view: viewOf(3, 0, 1, 2) }), ['dial to-2-1 after 0 ms']);
  t.same(step({ type: 'message', link: 'up', message: { type: 'hello', id: 0, viewVersion: 3 } }), [
    'send up welcome',
  ]);
  t.same(step({ type: 'link-up', link: 'to-2-1' }), ['send to-2-1 hello']);
  const welcome = { type: 'welcome', received: 0, lastEpoch: undefined, stable: 0, member: false } as const;
  t.same(
    step({ type: 'message', link: 'to-2-1', message: welcome }),
    [],
    'it hands nothing over that it has not got',
  );
  t.same(step({ type: 'message', link: 'up', message: { type: 'handover', seq: 0 } }), [
    'send to-2-1 handover',
  ]);
  const updates = [update(0, 0), update(1, 0)];
  t.same(step({ type: 'message', link: 'up', message: { type: 'updates', updates } }), ['execute 0:0,0:1']);
  t.same(step({ type: 'executed', executed: 1 }), ['send to-2-1 updates']);
  t.same(step({ type: 'executed', executed: 2 }), ['send to-2-1 updates']);
  t.same(step({ type: 'message', link: 'to-2-1', message: { type: 'ack', stable: 2 } }), ['send up ack']);
});

t.test('COMMITTED comes only once every server has executed the write', async (t) => {
  const network = chainOf(3);
  const token = network.write(0, 'committed');
  while (!network.replies.has(token)) t.ok(network.step(), 'the chain goes on until the write is answered');
  t.match(network.replies.get(token), { type: 'committed', name: { epoch: 0, seq: 0 } });
  for (const id of [0, 1, 2])
    t.same(namesOf(network.server(id).history), ['0:0'], `server ${id} has executed it`);
});

t.test('only the head takes writes, only the tail answers reads', async (t) => {
  const network = chainOf(3);
  for (const id of [1, 2]) {
    const token = network.write(id, 'assigned');
    t.match(network.replies.get(token), { type: 'refused', code: 'NOT_HEAD', detail: /host:0/ });
  }
  t.match(network.server(0).core.readRefusal(), { code: 'NOT_TAIL', detail: /host:2/ });
  t.match(network.server(1).core.readRefusal(), { code: 'NOT_TAIL' });
  t.equal(network.server(2).core.readRefusal(), undefined);
  t.equal(network.server(0).core.writeRefusal(), undefined);
});

t.test('a new server answers no read before HANDOVER and before it has executed up to it', async (t) => {
  const core = new ChainCore(1);
  core.handle({ type: 'view', view: viewOf(1, 0, 1) });
  t.match(core.readRefusal(), { code: 'NOT_READY' }, 'it is the tail by the view, and empty');
  core.handle({ type: 'message', link: 'up', message: { type: 'hello', id: 0, viewVersion: 1 } });
  core.handle({ type: 'message', link: 'up', message: { type: 'handover', seq: 2 } });
  t.match(core.readRefusal(), { code: 'NOT_READY' }, 'two updates are still to come');
  core.handle({
    type: 'message',
    link: 'up',
    message: { type: 'updates', updates: [update(0, 0), update(1, 0)] },
  });
  core.handle({ type: 'executed', executed: 1 });
  t.match(core.readRefusal(), { code: 'NOT_READY' });
  core.handle({ type: 'executed', executed: 2 });
  t.equal(core.readRefusal(), undefined);
});

t.test('a server that joins a chain with data is refused, by name, and the chain goes on', async (t) => {
  const network = chainOf(2);
  network.write(0, 'committed');
  network.settle();
  const late = network.join();
  network.settle();
  t.match(network.server(late).left, /refuses this server: the chain already holds data \(1 writes\)/);
  t.same(network.alive, [0, 1]);
  const token = network.write(0, 'committed');
  network.settle();
  t.match(network.replies.get(token), { type: 'committed' });
});

t.test('a server whose chain ends before the handover leaves instead of serving empty', async (t) => {
  const core = new ChainCore(1);
  core.handle({ type: 'view', view: viewOf(1, 0, 1) });
  core.handle({ type: 'view', view: viewOf(2, 1) });
  t.same(script(core.takeEffects()), [
    'leave: the chain ended before its state was handed over to this server',
  ]);
});

t.test('a server whose znode is gone leaves, and refuses what still comes', async (t) => {
  const core = new ChainCore(1);
  core.handle({ type: 'view', view: viewOf(1, 1) });
  core.handle({ type: 'view', view: viewOf(2, 5) });
  const write = { client: '', request: 0, op: 'del', key: 'a', data: new Uint8Array(0) } as const;
  core.handle({ type: 'write', token: 9, ack: 'assigned', write });
  t.same(script(core.takeEffects()), [
    'leave: this server is no longer in the chain: its znode is gone',
    'reply 9 refused',
  ]);
});

t.test(
  'updates are taken from the predecessor alone, in sequence, and from no epoch that is over',
  async (t) => {
    const { core, feed } = tailBehindHead();
    t.same(feed({ type: 'updates', updates: [update(0, 0), update(1, 0)] }), ['execute 0:0,0:1']);
    t.same(
      feed({ type: 'updates', updates: [update(1, 0), update(2, 0)] }),
      ['execute 0:2'],
      'a repeat is dropped',
    );
    core.handle({ type: 'message', link: 'stranger', message: { type: 'updates', updates: [update(3, 0)] } });
    t.same(core.takeEffects(), [], 'nobody else is listened to');
    t.same(feed({ type: 'updates', updates: [update(4, 0)] }), ['close up: update 4 where 3 was expected']);

    const mixed = tailBehindHead();
    t.same(
      mixed.feed({ type: 'updates', updates: [update(0, 5), update(1, 4)] }),
      ['close up: update 1 of epoch 4, which is over'],
      'epochs rise within a message too',
    );
    const later = tailBehindHead();
    later.feed({ type: 'updates', updates: [update(0, 5)] });
    t.same(later.feed({ type: 'updates', updates: [update(1, 4)] }), [
      'close up: update 1 of epoch 4, which is over',
    ]);
    t.equal(later.core.received, 1, 'the update of the old head is not taken');
  },
);

t.test('HELLO: a newer view is read first, a server that is no predecessor is rejected', async (t) => {
  const { core, feed } = tailBehindHead();
  core.handle({ type: 'message', link: 'b', message: { type: 'hello', id: 7, viewVersion: 1 } });
  t.same(script(core.takeEffects()), ['send b reject', 'close b: server 7 is not the predecessor']);
  core.handle({ type: 'message', link: 'c', message: { type: 'hello', id: 0, viewVersion: 2 } });
  t.same(script(core.takeEffects()), ['read-view 2'], 'it waits');
  core.handle({ type: 'view', view: viewOf(2, 0, 1) });
  t.same(script(core.takeEffects()), ['close up: the predecessor has a newer link', 'send c welcome']);
  t.same(feed({ type: 'updates', updates: [update(0, 0)] }), [], 'the old link is not listened to any more');
  for (let i = 0; i < 17; i += 1) {
    core.handle({ type: 'message', link: `w${i}`, message: { type: 'hello', id: 0, viewVersion: 9 } });
  }
  t.match(script(core.takeEffects()).at(-1), /close w16: too many servers wait/, 'the wait has a limit');
  core.handle({ type: 'link-down', link: 'w0', detail: 'gone' });
  core.handle({ type: 'message', link: 'x', message: { type: 'hello', id: 0, viewVersion: 9 } });
  t.same(script(core.takeEffects()), ['read-view 9'], 'whoever gives up makes room');
  core.handle({ type: 'view', view: viewOf(2, 0, 1) });
  t.match(
    script(core.takeEffects()).slice(-2),
    ['send x reject', 'close x: ZooKeeper knows of no such view'],
    'and nobody waits for a view that does not come',
  );
});

t.test('a successor that answers nonsense is dialled again, never believed', async (t) => {
  const step = (...messages: ChainMessage[]) => {
    const core = new ChainCore(0);
    core.handle({ type: 'view', view: viewOf(1, 0, 1) });
    core.handle({ type: 'link-up', link: 'to-1-1' });
    core.takeEffects();
    for (const message of messages) core.handle({ type: 'message', link: 'to-1-1', message });
    return script(core.takeEffects());
  };
  const welcome = { type: 'welcome', received: 0, lastEpoch: undefined, stable: 0, member: true } as const;
  const redial = 'dial to-1-2 after 50 ms';
  t.same(step({ type: 'reject', viewVersion: 5 }), [
    'read-view 5',
    'close to-1-1: rejected by a server whose view differs',
    redial,
  ]);
  t.same(step(welcome, { type: 'ack', stable: 1 }), [
    'close to-1-1: an ACK for 1, which was never sent',
    redial,
  ]);
  t.same(step(welcome, welcome), ['close to-1-1: a WELCOME that no HELLO asked for', redial]);
  t.same(step({ type: 'handover', seq: 0 }), ['close to-1-1: a handover from the next server', redial]);
  t.match(step({ ...welcome, received: 3 }), ['send to-1-1 refuse', /^close .*it has 3 updates/, redial]);
});

t.test('a successor with another history is refused, and leaves', async (t) => {
  const core = new ChainCore(2);
  core.handle({ type: 'view', view: viewOf(1, 2) });
  const write = { client: '', request: 0, op: 'put', key: 'a', data: Uint8Array.of(1) } as const;
  core.handle({ type: 'write', token: 1, ack: 'assigned', write });
  core.handle({ type: 'executed', executed: 1 });
  core.handle({ type: 'view', view: viewOf(2, 2, 3) });
  core.handle({ type: 'link-up', link: 'to-3-1' });
  core.takeEffects();
  const welcome = { type: 'welcome', received: 1, lastEpoch: 1, stable: 0, member: true } as const;
  core.handle({ type: 'message', link: 'to-3-1', message: welcome });
  t.match(script(core.takeEffects()), ['send to-3-1 refuse', /its update 0 is of epoch 1/, /^dial/]);

  const { feed } = tailBehindHead();
  t.same(feed({ type: 'refuse', detail: 'too old' }), [
    'close up: the chain refuses this server: too old',
    'leave: the chain refuses this server: too old',
  ]);
});

t.test('a full log refuses writes with BUSY until the chain has caught up', async (t) => {
  const core = new ChainCore(0, { ...defaultChainLimits, logUpdatesMax: 2 });
  core.handle({ type: 'view', view: viewOf(1, 0, 1) });
  const write = { client: '', request: 0, op: 'put', key: 'a', data: Uint8Array.of(1) } as const;
  for (const token of [1, 2, 3]) core.handle({ type: 'write', token, ack: 'assigned', write });
  t.same(script(core.takeEffects()).slice(-1), ['reply 3 refused']);
  t.match(core.writeRefusal(), { code: 'BUSY' });
  core.handle({ type: 'executed', executed: 2 });
  core.handle({ type: 'view', view: viewOf(2, 0) });
  t.equal(core.writeRefusal(), undefined, 'alone again, what is executed is stable');

  const small = new ChainCore(0, { ...defaultChainLimits, logBytesMax: 1000 });
  small.handle({ type: 'view', view: viewOf(1, 0, 1) });
  small.handle({ type: 'write', token: 1, ack: 'assigned', write: { ...write, data: new Uint8Array(1000) } });
  t.match(small.writeRefusal(), { code: 'BUSY' }, 'bytes count too');
});

t.test('a new head numbers nothing before it has executed what its predecessor left', async (t) => {
  const { core, feed } = tailBehindHead();
  feed({ type: 'updates', updates: [update(0, 0)] });
  core.handle({ type: 'view', view: viewOf(2, 1) });
  t.match(core.writeRefusal(), { code: 'NOT_READY' });
  core.handle({ type: 'executed', executed: 1 });
  t.equal(core.writeRefusal(), undefined);
  const write = { client: '', request: 0, op: 'put', key: 'a', data: Uint8Array.of(1) } as const;
  core.takeEffects();
  core.handle({ type: 'write', token: 1, ack: 'assigned', write });
  t.same(script(core.takeEffects()), ['execute 1:1', 'reply 1 assigned'], 'its own epoch begins');
});

t.test('verify answers for the very write asked about', async (t) => {
  const { core, feed } = tailBehindHead();
  t.equal(core.verify({ epoch: 0, seq: 0 }), 'pending');
  t.equal(core.verify({ epoch: undefined, seq: 0 }), 'pending');
  feed({ type: 'updates', updates: [update(0, 0), update(1, 0)] });
  core.handle({ type: 'executed', executed: 1 });
  t.equal(core.verify({ epoch: 0, seq: 0 }), 'executed');
  t.equal(core.verify({ epoch: 0, seq: 1 }), 'pending', 'received is not executed');
  core.handle({ type: 'executed', executed: 2 });
  core.handle({ type: 'view', view: viewOf(2, 1) });
  const write = { client: '', request: 0, op: 'put', key: 'a', data: Uint8Array.of(1) } as const;
  core.handle({ type: 'write', token: 1, ack: 'assigned', write });
  t.equal(core.verify({ epoch: 0, seq: 2 }), 'lost', 'another head’s write has its place');
  t.equal(core.verify({ epoch: 0, seq: 9 }), 'lost', 'that reign is over');
  t.equal(core.verify({ epoch: 1, seq: 1 }), 'lost', 'the place belongs to epoch 0');
  t.equal(core.verify({ epoch: 1, seq: 9 }), 'pending', 'still to come');
  t.equal(core.verify({ epoch: 3, seq: 9 }), 'pending', 'a later head may yet number it');
  t.equal(core.verify({ epoch: undefined, seq: 1 }), 'executed');
});

t.test(
  'random orders: crashes and broken links lose no COMMITTED write and execute none twice',
  async (t) => {
    let crashes = 0;
    let cuts = 0;
    let committed = 0;
    for (let seed = 1; seed <= 400; seed += 1) {
      const random = seededRandom(seed);
      const network = chainOf(2 + random.int(3), seed);
      const tokens: number[] = [];
      for (let turn = 0; turn < 60; turn += 1) {
        const chance = random.int(30);
        const [head] = network.alive;
        if (chance === 0 && network.alive.length > 1) {
          network.crash(random.pick(network.alive));
          crashes += 1;
        } else if (chance === 1) {
          network.cut(random.pick(network.alive), random.pick(network.alive));
          cuts += 1;
        } else if (chance < 10 && head !== undefined) {
          tokens.push(network.write(head, random.pick(['assigned', 'committed'])));
        } else network.step();
      }
      network.settle();
      const [head = -1] = network.alive;
      const expected = namesOf(network.server(head).history);
      for (const id of network.alive) {
        if (expected.join() !== namesOf(network.server(id).history).join()) {
          t.same(
            namesOf(network.server(id).history),
            expected,
            `seed ${seed}: server ${id} ends as the head does`,
          );
        }
        if (network.server(id).core.stable !== expected.length)
          t.fail(`seed ${seed}: server ${id} learnt of no ACK`);
      }
      for (const token of tokens) {
        const reply = network.replies.get(token);
        if (reply?.type !== 'committed') continue;
        committed += 1;
        const name = `${reply.name.epoch}:${reply.name.seq}`;
        if (!expected.includes(name)) t.fail(`seed ${seed}: COMMITTED write ${name} is lost`);
      }
    }
    t.ok(crashes > 100 && cuts > 100, `faults really happened: ${crashes} crashes, ${cuts} cuts`);
    t.ok(committed > 1000, `${committed} writes were committed`);
  },
);
