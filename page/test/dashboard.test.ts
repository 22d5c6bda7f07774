/** The server of the live view: who may ask it what, and how often it asks the chain. */

import { request } from 'node:http';
import { join } from 'node:path';
import { errorReply } from '@tablelab/part2';
import { MultiplexingServer } from '@tablelab/part3';
import { statusOf } from '@tablelab/part4/live';
import { must, TableError } from '@tablelab/shared';
import { spawnProgram } from '@tablelab/shared/process';
import { freePort, startZooKeeper } from '@tablelab/shared/testing';
import t from 'tap';
import { ZooKeeperSession } from '../../part4/src/adapters/zookeeper/zookeeper-session.ts';
// Data and programs of part 4's tests, which the package does not export.
import { startChain } from '../../part4/test/support/chain-programs.ts';
import { root } from './support/browser.ts';
import { startDashboard } from './support/dashboard.ts';
import { EventReader } from './support/event-source.ts';

t.setTimeout(60_000);

interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** `fetch` would not send another host. */
function ask(origin: string, { method = 'GET', path, headers = {}, body }: Asked) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const asked = request(`${origin}${path}`, { method, headers, timeout: 20_000 }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
  });
  asked.on('error', reject).end(body);
  return promise;
}

t.test('other hosts, other origins and requests without the token get 403', async (t) => {
  const { origin, dashboard } = await startDashboard(t, `127.0.0.1:${await freePort()}`);
  const run = { method: 'POST', path: '/api/run', body: JSON.stringify({ do: 'get', key: 'a' }) };
  const status = async (asked: Asked) => (await ask(origin, asked)).status;
  for (const path of ['/', '/api/live', '/api/keys'])
    t.equal(await status({ path, headers: { host: 'evil.example:8041' } }), 403, `another host, ${path}`);
  for (const path of ['/api/live', '/api/keys']) {
    t.equal(
      await status({ path, headers: { origin: 'http://evil.example' } }),
      403,
      `another origin, ${path}`,
    );
    t.equal(
      await status({ path, headers: { 'sec-fetch-site': 'cross-site' } }),
      403,
      `another site, ${path}`,
    );
  }
  t.equal(await status(run), 403, 'no token');
  t.equal(
    await status({ ...run, headers: { 'x-dashboard-token': dashboard.token.replace(/./g, '0') } }),
    403,
    'a wrong one',
  );
  const right = { 'x-dashboard-token': dashboard.token };
  t.equal(await status({ ...run, headers: { ...right, origin: 'http://evil.example' } }), 403);
  t.equal(await status({ ...run, headers: { ...right, origin: 'null' } }), 403);
  t.match(await ask(origin, { ...run, headers: right, body: '{"do":"wipe"}' }), {
    status: 400,
    text: 'BAD_REQUEST',
  });
  t.match(await ask(origin, { ...run, headers: right, body: 'x'.repeat(1_100_000) }), { status: 413 });
  t.equal(await status({ path: '/api/other' }), 404);
});

t.test('without ZooKeeper it says so, and goes on trying', async (t) => {
  const port = await freePort();
  const { origin, dashboard } = await startDashboard(t, `127.0.0.1:${port}`);
  const reader = await EventReader.open(t, origin);
  const trouble = await reader.until(({ now }) => now.zooKeeper.trouble !== undefined, 'why there is none');
  t.match(trouble.now, { zooKeeper: { isUp: false, trouble: /cannot be reached/ }, servers: [] });
  const headers = { 'x-dashboard-token': dashboard.token };
  const got = ask(origin, { method: 'POST', path: '/api/run', headers, body: '{"do":"get","key":"a"}' });
  t.match(await got, { status: 503, text: 'UNREACHABLE' });
  const zooKeeper = await startZooKeeper({ port, tickTimeMs: 200 });
  t.teardown(() => zooKeeper.stop());
  await reader.until(({ now }) => now.zooKeeper.isUp && now.viewVersion === -1, 'an empty ZooKeeper');
});

t.test('ten pages ask a server no more often than one, at most four times a second', async (t) => {
  const zooKeeper = await startZooKeeper({ tickTimeMs: 200 });
  t.teardown(() => zooKeeper.stop());
  const askedAt: number[] = [];
  const server = new MultiplexingServer({
    handler: () => {
      askedAt.push(performance.now());
      return errorReply(new TableError('NOT_READY', 'it only counts'));
    },
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => server.close({ deadlineMs: 0 }));
  const session = await ZooKeeperSession.open({
    servers: zooKeeper.address,
    sessionTimeoutMs: 10_000,
    connectDeadlineMs: 20_000,
  });
  t.teardown(() => session.close());
  await session.ensure('/chain');
  await session.create('/chain/node', Buffer.from(`127.0.0.1:${port}`), 'ephemeral-sequential');
  const { origin } = await startDashboard(t, zooKeeper.address);
  const hasServer = (reader: EventReader) =>
    reader.until(({ now }) => now.servers.length === 1, 'the server');
  const changes = async (reader: EventReader, count: number) => {
    for (let met = 0; met < count; met += 1) await reader.until(({ type }) => type === 'change', 'a change');
  };
  const first = await EventReader.open(t, origin);
  t.match((await hasServer(first)).now.servers[0], { answer: { trouble: 'it only counts' }, id: 0 });
  const gaps = () => askedAt.slice(1).map((at, index) => at - (askedAt[index] ?? 0));
  await changes(first, 4);
  const pages = await Promise.all(Array.from({ length: 9 }, () => EventReader.open(t, origin)));
  for (const page of pages) await hasServer(page);
  await Promise.all([first, ...pages].map((page) => changes(page, 6)));
  // A timer may be late, and what it asks then come sooner before the next.
  t.ok(Math.min(...gaps()) > 200, `the shortest pause is ${Math.min(...gaps())} ms`);
  const elapsed = must(askedAt.at(-1), 'it was asked') - must(askedAt[0], 'it was asked');
  t.ok(askedAt.length <= elapsed / 250 + 1, `${askedAt.length} questions in ${elapsed} ms`);
});

t.test('a running chain: its figures, its keys, a console, and a server that is killed', async (t) => {
  const { zookeeper, chain } = await startChain(t, 2);
  const { origin, dashboard } = await startDashboard(t, zookeeper);
  const reader = await EventReader.open(t, origin);
  const run = async (command: object) => {
    const headers = { 'x-dashboard-token': dashboard.token };
    const { status, text } = await ask(origin, {
      method: 'POST',
      path: '/api/run',
      headers,
      body: JSON.stringify(command),
    });
    t.equal(status, 200, text);
    return (JSON.parse(text) as { text: string }).text;
  };
  t.equal(await run({ do: 'put', key: 'cart:1', value: 'two words' }), 'operation 0:1');
  t.equal(await run({ do: 'get', key: 'cart:1' }), 'two words');
  t.equal(await run({ do: 'verify', name: '0:1' }), 'executed');
  t.equal(await run({ do: 'del', key: 'cart:2' }), 'operation 0:2: key not found');
  t.equal(await run({ do: 'get', key: 'cart:2' }), 'key not found');
  for (let number = 0; number < 60; number += 1) await run({ do: 'put', key: `k:${number}`, value: '' });
  const seen = await reader.until(
    ({ now }) => now.servers.length === 2 && now.servers.every((server) => statusOf(server)?.entries === 61),
    'both servers with all keys',
  );
  t.match(seen.now, {
    zooKeeper: { isUp: true, record: { members: [0, 1] }, view: [0, 1] },
    servers: [
      { role: 'head', id: 0, address: chain[0]?.address, answer: { role: 'head', entries: 61 } },
      { role: 'tail', id: 1, address: chain[1]?.address, answer: { role: 'tail', entries: 61 } },
    ],
  });
  const late = await EventReader.open(t, origin);
  const snapshot = await late.until(({ type }) => type === 'snapshot', 'all that is kept');
  const points = snapshot.type === 'snapshot' ? snapshot.points : [];
  t.ok(
    points.some(({ writes = 0 }) => writes > 0),
    'writes a second',
  );
  t.ok(
    points.some(({ writeMs }) => writeMs !== undefined && writeMs[0] > 0),
    'their time',
  );

  const keys = async (query: string) =>
    JSON.parse((await ask(origin, { path: `/api/keys?${query}` })).text) as { keys: string[]; next: number };
  const page = await keys('prefix=k:');
  t.equal(page.keys.length, 50);
  const rest = await keys(`prefix=k:&from=${page.next}`);
  t.equal(new Set([...page.keys, ...rest.keys]).size, 60, 'each key comes once');
  t.equal(rest.next, 0);
  t.strictSame((await keys('contains=art')).keys, ['cart:1']);

  chain[1]?.program.kill('SIGKILL');
  await reader.until(
    (message) =>
      message.type === 'change' && message.events.some((event) => event.what === 'silent' && event.id === 1),
    'that it does not answer',
  );
  const alone = await reader.until(({ now }) => now.servers.length === 1, 'the view without it');
  t.match(alone.now.servers, [{ role: 'alone', id: 0 }]);
});

t.test('the program prints its address, and a signal ends it', async (t) => {
  const program = spawnProgram(join(root, 'page/src/programs/table-dashboard.ts'), ['127.0.0.1:1', '0']);
  t.teardown(() => program.stop());
  await program.waitForLine(/^listening on http:\/\/127\.0\.0\.1:\d+\/#token=[0-9a-f]{32}$/, 20_000);
  program.kill('SIGINT');
  t.strictSame(await program.exited, { code: 0, signal: null });
  t.strictSame(program.stderrLines, []);
});
