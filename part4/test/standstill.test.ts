/**
 * What makes a chain stand still is said without being asked for, on real processes (part4/README.md#log-standstill); and a
 * server that could not be reached does not enter (part4/README.md#advertise).
 */
import { must } from '@tablelab/shared';
import { eventually } from '@tablelab/shared/testing';
import zookeeperClient from 'node-zookeeper-client';
import t from 'tap';
import { limitedLog } from '../src/adapters/limited-log.ts';
import { StandstillWatch } from '../src/adapters/standstill-watch.ts';
import { obstacleIn } from '../src/core/obstacle.ts';
import { bytes, connectTable, spawnServer, startChain } from './support/chain-programs.ts';
import { CoreScript, helloFrom, sessionOf } from './support/core-script.ts';
import { ManualClock } from './support/manual-clock.ts';
import { openObserver } from './support/zookeeper-sessions.ts';

t.setTimeout(55_000);

const deadlineMs = 40_000;

/** What these tests use of the library beyond what the kit uses. */
const aclLibrary = zookeeperClient as unknown as {
  createClient(servers: string): {
    once(event: 'connected', listener: () => void): void;
    connect(): void;
    close(): void;
    create(path: string, acls: unknown, callback: (error: unknown) => void): void;
  };
  readonly ACL: { readonly READ_ACL_UNSAFE: unknown };
};

t.test('what is in the way of a server, at each place in the chain', async (t) => {
  const server = new CoreScript(5);
  const obstacle = () => obstacleIn(server.core.state);
  t.match(obstacle(), /cannot read or change the chain’s znodes/);
  server.directory({ view: [4], joining: [-7] });
  t.match(obstacle(), /server 4 at host:4, the tail, has not admitted this server/);
  server.directory({ view: [4, 5, 6], members: [4, 5] });
  t.match(obstacle(), /server 6 at host:6, the next one, cannot be reached/);
  server.directory({ view: [4, 5], version: 2, recordView: 2 });
  t.match(obstacle(), /server 4 at host:4, the one before this server, does not connect/);
  server.message('up', helloFrom(4, { viewVersion: 2 }));
  t.equal(obstacle(), undefined, 'all is well');
  server.directory({ view: [4, 5], version: 2, recordView: 2, members: [4] });
  t.match(obstacle(), /server 4 at host:4, the one before this server, has not handed the chain over/);
  server.directory({ view: [5], version: 3, recordView: 2 });
  server.on({ type: 'session-ended', detail: 'expired' });
  t.match(obstacle(), /no session with ZooKeeper/);
  server.on({ type: 'session-started', session: sessionOf(9), timeoutMs: 1_000 });
  server.directory({ view: [], joining: [-7] });
  server.on({ type: 'leave' });
  t.equal(obstacle(), undefined, 'it is gone');
});

t.test('a watch warns of what stays, after ten seconds and then once a minute', async (t) => {
  const clock = new ManualClock();
  const warnings: string[] = [];
  let obstacle: string | undefined;
  const warn = (line: string) => warnings.push(line);
  const watch = new StandstillWatch({ clock, obstacle: () => obstacle, detail: () => 'refused', warn });
  const pass = (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) clock.pass(1_000);
  };
  obstacle = 'one';
  pass(8);
  obstacle = 'two';
  pass(10);
  t.same(warnings, [], 'each has been there for less');
  pass(2);
  t.same(warnings, ['for more than 10 s: two (refused)']);
  pass(55);
  t.equal(warnings.length, 1);
  pass(10);
  t.equal(warnings.length, 2);
  watch.stop();
});

t.test('a warning that was written a minute ago is written again, and not before', async (t) => {
  let now = 0;
  const lines: string[] = [];
  const log = limitedLog(
    (line) => lines.push(line),
    () => now,
  );
  for (let second = 0; second < 125; second += 1) {
    now = second * 1_000;
    log('the same', 'warn');
  }
  t.equal(lines.length, 3);
  for (let count = 0; count < 5; count += 1) log('detail', 'info');
  t.equal(lines.length, 8, 'what is asked for with --verbose is not limited');
});

t.test('a foreign znode in the chain: a server says which one, and all goes on without it', async (t) => {
  const { zookeeper } = await startChain(t, 0);
  const server = spawnServer(zookeeper, '--session-timeout', '2000');
  t.teardown(() => server.stop());
  await server.waitForLine(/^listening on/, deadlineMs);
  const table = await connectTable(t, zookeeper);
  await table.put('a', bytes('1'));
  const observer = await openObserver(t, zookeeper);
  const kept = '/chain/node0000000777';
  await observer.create(kept, bytes('127.0.0.1:1'), 'persistent');
  await server.waitForLine(new RegExp(`${kept} is left out: it is not ephemeral`), deadlineMs, 'stderr');
  await table.put('a', bytes('2'));
  const dead = must(
    await observer.create('/chain/node', bytes('127.0.0.1:1'), 'ephemeral-sequential'),
    'made',
  );
  const warning =
    /for more than 10 s: server \d+ at 127\.0\.0\.1:1, the next one, cannot be reached.*ECONNREFUSED/;
  await server.waitForLine(warning, deadlineMs, 'stderr');
  await observer.remove(dead);
  await table.put('a', bytes('3'));
});

t.test('an ACL that keeps a server out is said', async (t) => {
  const { zookeeper } = await startChain(t, 0);
  const client = aclLibrary.createClient(zookeeper);
  await new Promise<void>((resolve) => {
    client.once('connected', resolve);
    client.connect();
  });
  t.teardown(() => client.close());
  const { READ_ACL_UNSAFE } = aclLibrary.ACL;
  await new Promise<void>((resolve, reject) => {
    client.create('/chain-joining', READ_ACL_UNSAFE, (error) => (error ? reject(error) : resolve()));
  });
  const server = spawnServer(zookeeper, '--session-timeout', '2000');
  t.teardown(() => server.stop());
  await server.waitForLine(/the change join has failed: .*/, deadlineMs, 'stderr');
  const count = () => server.stderrLines.filter((line) => line.includes('the change join has failed')).length;
  t.equal(count(), 1, 'once, although it is tried ten times a second');
});

t.test('a server that cannot be reached where it says does not enter the chain', async (t) => {
  const { zookeeper, chain } = await startChain(t, 1);
  const observer = await openObserver(t, zookeeper);
  for (const host of ['0.0.0.0', '::']) {
    const wild = spawnServer(zookeeper, '--advertise', host);
    t.same(await wild.exited, { code: 1, signal: null });
    t.match(wild.stderrLines.join(''), /is not an address that clients can connect to/);
  }
  const joins = async () => (await observer.children('/chain-joining'))?.version;
  const before = await joins();
  const nobody = spawnServer(zookeeper, '--advertise', '127.0.0.3');
  t.same(await nobody.exited, { code: 1, signal: null });
  t.match(nobody.stderrLines.join(''), /cannot be reached at 127\.0\.0\.3:\d+.*--advertise.*ECONNREFUSED/);
  t.equal(await joins(), before, 'ZooKeeper has not heard of it');
  const reachable = spawnServer(zookeeper, '--host', '0.0.0.0', '--advertise', '127.0.0.3');
  t.teardown(() => reachable.stop());
  await reachable.waitForLine(/^listening on 127\.0\.0\.3:/, deadlineMs);
  await eventually(() => must(chain[0], 'a head').program.running, { deadlineMs });
});
