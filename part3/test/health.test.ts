import { AsyncRemoteTable, AsyncTableServer, MetricsEndpoint } from '@tablelab/part3';
import { eventually } from '@tablelab/shared/testing';
import { Gauge, Registry } from 'prom-client';
import t from 'tap';
import { bytes } from './support/start-server.ts';
import { dyingExecutor } from './support/stores.ts';

t.test(
  'a server lives and is ready until its executor has died (part3/README.md#server-metrics)',
  async (t) => {
    const server = await AsyncTableServer.start({
      host: '127.0.0.1',
      port: 0,
      nLists: 4,
      metrics: { host: '127.0.0.1', port: 0 },
      executorProgram: dyingExecutor,
    });
    t.teardown(() => server.close().catch(() => undefined));
    const ask = async (path: string) => {
      const response = await fetch(`http://${server.metricsAddress}${path}`);
      return { status: response.status, text: await response.text() };
    };
    for (const path of ['/livez', '/readyz']) t.same(await ask(path), { status: 200, text: 'ok\n' }, path);
    const client = await AsyncRemoteTable.connect(server.address);
    t.teardown(() => client.disconnect());
    await client.put('die:exit-0', bytes('1'));
    await eventually(async () => (await ask('/livez')).status === 503, { deadlineMs: 10_000 });
    for (const path of ['/livez', '/readyz']) {
      t.match(await ask(path), { status: 503, text: /^the executor thread has died: .*\n$/ }, path);
    }
  },
);

t.test('a figure that cannot be read does not end the server (part3/README.md#server-metrics)', async (t) => {
  const registry = new Registry();
  let isBroken = true;
  new Gauge({
    name: 'a_figure',
    help: 'one',
    registers: [registry],
    collect() {
      if (isBroken) throw new Error('the disk does not answer');
    },
  });
  const sources = { registry: () => registry, failure: () => undefined, unreadiness: () => undefined };
  const endpoint = await MetricsEndpoint.start(sources, { host: '127.0.0.1', port: 0 });
  t.teardown(() => endpoint.close());
  const ask = async () => {
    const response = await fetch(`http://${endpoint.address}/metrics`);
    return { status: response.status, text: await response.text() };
  };
  t.same(await ask(), { status: 500, text: 'the disk does not answer\n' });
  isBroken = false;
  t.match(await ask(), { status: 200, text: /^a_figure 0$/m });
});
