import { AsyncRemoteTable, AsyncTableServer } from '@tablelab/part3';
import { eventually } from '@tablelab/shared/testing';
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
