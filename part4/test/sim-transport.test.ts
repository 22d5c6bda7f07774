/** The guarantees of the simulator's transport, and their limits. */
import { must } from '@tablelab/shared';
import t from 'tap';
import { SimProcess } from '../sim/process.ts';
import { Network, type StreamEnd } from '../sim/transport.ts';
import { World } from '../sim/world.ts';
import type { ConnectionListener } from '../src/ports.ts';

/** The events of a connection: its pieces in order, and the rest as text. */
class Heard implements ConnectionListener {
  readonly pieces: Uint8Array[] = [];
  readonly lines: string[] = [];

  opened(): void {
    this.lines.push('opened');
  }

  received(bytes: Uint8Array): void {
    this.pieces.push(bytes.slice());
  }

  closed(detail: string): void {
    this.lines.push(`closed: ${detail}`);
  }

  get bytes(): number[] {
    return this.pieces.flatMap((piece) => [...piece]);
  }
}

function twoMachines(seed: number) {
  const world = new World({ seed, keepsTrace: false });
  const network = new Network(world);
  const [client, server] = ['client', 'server'].map((host) => new SimProcess(world, { host, clockRate: 1 }));
  const accepted: { end: StreamEnd; heard: Heard }[] = [];
  const machines = { client: must(client, 'two'), server: must(server, 'two') };
  network.listen('server:1', machines.server, (end) => {
    const heard = new Heard();
    end.listen(heard);
    accepted.push({ end, heard });
  });
  const pass = (durationMs: number) => {
    const end = world.now + durationMs;
    world.schedule(durationMs, () => undefined);
    while (world.now < end && world.step());
  };
  return { world, network, ...machines, accepted, pass };
}

const stream = Array.from({ length: 600 }, (_, at) => at & 255);

t.test('bytes arrive in order, in different pieces from those written', async (t) => {
  let differs = 0;
  for (let seed = 1; seed <= 20; seed += 1) {
    const { network, client, accepted, pass } = twoMachines(seed);
    const heard = new Heard();
    const connection = network.transportOf(client).dial('server:1', heard);
    pass(200);
    t.same(heard.lines, ['opened']);
    for (let at = 0; at < stream.length; at += 30)
      connection.write(Uint8Array.from(stream.slice(at, at + 30)));
    pass(500);
    connection.end();
    pass(200);
    const [other] = accepted;
    t.same(other?.heard.bytes, stream);
    t.match(other?.heard.lines, [/closed/], 'and then the end');
    t.same(heard.lines, ['opened'], 'who closes a connection hears no more of it');
    differs += other?.heard.pieces.some(({ length }) => length !== 30) ? 1 : 0;
  }
  t.ok(differs > 15, `${differs} streams came in other pieces`);
});

t.test('a cut path delays its bytes; a broken connection loses only its end', async (t) => {
  let lost = 0;
  for (let seed = 1; seed <= 20; seed += 1) {
    const { network, client, accepted, pass } = twoMachines(seed);
    const heard = new Heard();
    const connection = network.transportOf(client).dial('server:1', heard);
    pass(200);
    const other = must(accepted[0], 'it is accepted');
    network.cut('client', 'server');
    for (let at = 0; at < stream.length; at += 30)
      connection.write(Uint8Array.from(stream.slice(at, at + 30)));
    other.end.write(Uint8Array.of(7));
    pass(500);
    t.same([other.heard.bytes, heard.bytes], [[], [7]], 'one way only');
    const isBroken = seed % 2 === 0;
    if (isBroken) must(network.between('client', 'server')[0], 'it is open').break('broken');
    network.mend('client', 'server');
    pass(500);
    const { bytes, lines } = other.heard;
    t.same(bytes, stream.slice(0, bytes.length), 'a beginning of what was sent');
    t.equal(lines.length, isBroken ? 1 : 0);
    if (!isBroken) t.equal(bytes.length, stream.length);
    else lost += stream.length - bytes.length;
    t.same(heard.lines, isBroken ? ['opened', 'closed: broken'] : ['opened']);
  }
  t.ok(lost > 0, 'something was lost');
});

t.test('no server, a cancelled dial, a frozen process, and a killed one', async (t) => {
  const { network, client, server, accepted, pass } = twoMachines(1);
  const transport = network.transportOf(client);
  const nobody = new Heard();
  transport.dial('elsewhere:1', nobody);
  const off = new Heard();
  transport.dial('server:1', off).destroy('not needed');
  pass(200);
  t.same(nobody.lines, ['closed: connection refused']);
  t.same([off.lines, accepted.length], [[], 0]);

  const heard = new Heard();
  const connection = transport.dial('server:1', heard);
  pass(200);
  const other = must(accepted[0], 'it is accepted');
  server.freeze();
  connection.write(Uint8Array.of(1));
  connection.write(Uint8Array.of(2));
  pass(200);
  t.same(other.heard.bytes, [], 'a frozen process hears nothing');
  server.wake();
  pass(1);
  t.same(other.heard.bytes, [1, 2], 'until it wakes up');
  server.kill();
  network.abandon(server);
  other.end.write(Uint8Array.of(3));
  pass(200);
  t.match(
    heard,
    { lines: ['opened', /closed/], bytes: [] },
    'the end of a process is seen, and no more of it',
  );
  const refused = new Heard();
  transport.dial('server:1', refused);
  pass(200);
  t.same(refused.lines, ['closed: connection refused']);
});
