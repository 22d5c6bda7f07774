import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { ContentType, encodeMessage, parseAddress } from '@tablelab/part2';
import { AsyncRemoteTable, AsyncTableServer } from '@tablelab/part3';
import { eventually } from '@tablelab/shared/testing';
import t from 'tap';
import { closeGate, gatedExecutor } from './sandboxed/gate.ts';
import { bytes, startServer } from './support/start-server.ts';

t.test(
  'metrics: connections, requests, queue, times, table and locks, over HTTP (part3/README.md#server-metrics)',
  async (t) => {
    const server = await startServer(t, { metrics: { host: '127.0.0.1', port: 0 } });
    const url = `http://${server.metricsAddress}/metrics`;
    const client = await AsyncRemoteTable.connect(server.address);
    t.teardown(() => client.disconnect());
    await client.put('a', bytes('1'));
    const opN = await client.put('b', bytes('2'));
    await client.get('a');
    await eventually(() => client.verify(opN), { deadlineMs: 5_000, what: 'the put to be executed' });
    const socket = connect(parseAddress(server.address));
    t.teardown(() => socket.destroy());
    socket.write(encodeMessage({ opcode: 77, c_type: ContentType.CT_NONE }));
    await once(socket, 'data');
    const response = await fetch(url);
    t.match(response.headers.get('content-type'), /^text\/plain/);
    const text = await response.text();
    for (const line of [
      /^tablelab_connections\{state="served"\} 2$/m,
      /^tablelab_requests_total\{opcode="OP_PUT"\} 2$/m,
      /^tablelab_requests_total\{opcode="OP_GET"\} 1$/m,
      /^tablelab_requests_total\{opcode="unknown"\} 1$/m,
      /^tablelab_refusals_total\{code="BAD_REQUEST"\} 1$/m,
      /^tablelab_table_bytes_max [1-9]\d+$/m,
      /^process_resident_memory_bytes [1-9]\d+$/m,
      /^tablelab_queue_tasks 0$/m,
      /^tablelab_writes_assigned_total 2$/m,
      /^tablelab_writes_executed_total 2$/m,
      /^tablelab_table_keys 2$/m,
      /^tablelab_table_bytes [1-9]\d+$/m,
      /^tablelab_lock_waits_total\{lock="table"\} \d+$/m,
      /^tablelab_lock_waits_total\{lock="queue"\} \d+$/m,
      /^tablelab_buffered_bytes \d+$/m,
      /^# TYPE tablelab_write_wait_seconds histogram$/m,
      /^tablelab_write_wait_seconds_bucket\{le="\+Inf"\} 2$/m,
      /^tablelab_write_wait_seconds_count 2$/m,
      /^tablelab_write_execution_seconds_bucket\{le="0.000001"\} \d$/m,
      /^tablelab_write_execution_seconds_sum 0\.\d+$/m,
    ]) {
      t.match(text, line);
    }
    t.equal(/ NaN| undefined/.test(text), false, 'no figure is missing');
    t.equal((await fetch(url.replace('/metrics', '/'))).status, 404);
    t.equal((await fetch(`${url}?target=x`)).status, 200, 'parameters are allowed');
    t.equal((await fetch(url, { method: 'POST' })).status, 404);
    const taken = { host: '127.0.0.1', port: Number(server.metricsAddress?.split(':')[1]) };
    await t.rejects(AsyncTableServer.start({ host: '127.0.0.1', port: 0, nLists: 4, metrics: taken }), {
      code: 'BAD_REQUEST',
      message: /cannot serve metrics/,
    });
    const { port } = parseAddress(server.address);
    await t.rejects(
      AsyncTableServer.start({ host: '127.0.0.1', port, nLists: 4, metrics: { host: '127.0.0.1', port: 0 } }),
      { code: 'BAD_REQUEST', message: /another program/ },
    );
  },
);

t.test(
  'metrics: a connection that cannot be accepted, or that is silent, has no effect on others (part3/README.md#server-metrics)',
  async (t) => {
    const servers: Server[] = [];
    const listening = channel('http.server.request.start');
    const note = (message: unknown) => servers.push((message as { server: Server }).server);
    listening.subscribe(note);
    t.teardown(() => listening.unsubscribe(note));
    const server = await startServer(t, { metrics: { host: '127.0.0.1', port: 0 } });
    const url = `http://${server.metricsAddress}/metrics`;
    await (await fetch(url)).text();
    const [endpoint] = servers;
    t.ok(endpoint, 'its HTTP server');
    // Node does this when the system has no more file descriptors.
    t.ok(endpoint?.emit('error', new Error('accept EMFILE')), 'there is a listener');
    t.equal((await fetch(url)).status, 200);
    t.equal(endpoint?.timeout, 10_000, 'a connection without any traffic for ten seconds is closed');
  },
);

t.test(
  'metrics: writes that are assigned but not executed are counted as such (part3/README.md#server-metrics)',
  async (t) => {
    const server = await startServer(t, {
      executorProgram: gatedExecutor,
      metrics: { host: '127.0.0.1', port: 0 },
    });
    const openGate = closeGate();
    t.teardown(openGate);
    const client = await AsyncRemoteTable.connect(server.address);
    t.teardown(() => client.disconnect());
    await Promise.all(['a', 'b', 'c'].map((key) => client.put(key, bytes(key))));
    const text = await (await fetch(`http://${server.metricsAddress}/metrics`)).text();
    t.match(text, /^tablelab_writes_assigned_total 3$/m);
    t.match(text, /^tablelab_writes_executed_total 0$/m);
    t.match(text, /^tablelab_queue_tasks 3$/m);
    t.match(text, /^tablelab_table_keys 0$/m);
  },
);

t.test('metrics: 16 connections at a time (part3/README.md#server-metrics)', async (t) => {
  const server = await startServer(t, { metrics: { host: '127.0.0.1', port: 0 } });
  const at = parseAddress(server.metricsAddress ?? '');
  /**
   * Sends a request over a connection that stays open; resolves with the first bytes, or with nothing if the connection
   * is closed.
   */
  const ask = async () => {
    const socket = connect(at).on('error', () => undefined);
    t.teardown(() => socket.destroy());
    socket.write('GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n');
    const answer = await new Promise<string>((resolve) => {
      socket.once('data', (chunk) => resolve(chunk.toString())).once('close', () => resolve(''));
    });
    return { socket, answer };
  };
  const places = [];
  for (let i = 0; i < 16; i += 1) places.push(await ask());
  t.ok(
    places.every(({ answer }) => answer.startsWith('HTTP/1.1 200')),
    '16 are answered',
  );
  t.equal((await ask()).answer, '', 'one more is not');
  places[0]?.socket.destroy();
  const hasPlace = async () => (await ask()).answer.startsWith('HTTP/1.1 200');
  t.ok(await eventually(hasPlace, { deadlineMs: 5_000, what: 'a place that is free again' }));
});
