import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encodeMessage, parseAddress } from '@tablelab/part2';
import { getRequest, putRequest, RawClient, sizeRequest } from '@tablelab/part2/testing';
import { defaultBufferBytesMax } from '@tablelab/part3';
import { eventually, spawnProgram } from '@tablelab/shared/testing';
import t from 'tap';

t.setTimeout(60_000);

const deadlineMs = 40_000;
const valueBytes = 10 << 20;
/** Each gets one value, which is more than its connection may have unread: together three times the server's limit. */
const readers = Math.ceil((3 * defaultBufferBytesMax) / valueBytes);
/** What the process may take beyond the limit: values that are not collected yet, and buffers of the sockets. */
const marginBytes = 192 << 20;

/** In bytes, of `VmRSS` or its peak, `VmHWM`. */
function residentBytes(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1_024;
}

t.test(
  'clients that do not read raise the resident memory by the limit and a margin at most (part3/README.md#server-memory-resident)',
  async (t) => {
    const program = fileURLToPath(new URL('../src/programs/table-server.ts', import.meta.url));
    const server = spawnProgram(program, ['0', '4', '--log-level', 'info', '--metrics-port', '0']);
    t.teardown(() => server.stop());
    const [, address = ''] = await server.waitForLine(/^listening on (\S+)$/, deadlineMs);
    const log = await eventually(() => server.stderrLines.find((line) => line.includes('metrics')), {
      deadlineMs,
    });
    const { metrics } = JSON.parse(log) as { metrics: string };
    const connect = async () => {
      const client = new RawClient(parseAddress(address));
      t.teardown(() => client.socket.destroy());
      await client.connected;
      return client;
    };
    const getsExecuted = async () => {
      const text = await (await fetch(`http://${metrics}/metrics`)).text();
      return Number(/^tablelab_requests_total\{opcode="OP_GET"\} (\d+)$/m.exec(text)?.[1] ?? 0);
    };
    const polite = await connect();
    polite.send(encodeMessage(putRequest('large', new Uint8Array(valueBytes))));
    await polite.reply();
    const idleBytes = residentBytes(server.pid, 'VmRSS');
    // Sets the peak to the present size.
    writeFileSync(`/proc/${server.pid}/clear_refs`, '5');
    for (let reader = 0; reader < readers; reader += 1) {
      const client = await connect();
      client.socket.pause();
      client.send(encodeMessage(getRequest('large')), encodeMessage(getRequest('large')));
    }
    await eventually(async () => (await getsExecuted()) >= readers, {
      deadlineMs,
      what: `${readers} values to be requested`,
    });
    polite.send(encodeMessage(sizeRequest));
    t.match(await polite.reply(), { result: 1 }, 'the others are served');
    const raisedBytes = residentBytes(server.pid, 'VmHWM') - idleBytes;
    const raised = `${Math.round(raisedBytes / 2 ** 20)} MiB more than idle`;
    t.comment(raised);
    t.ok(raisedBytes > defaultBufferBytesMax / 2, `the limit was tried: ${raised}`);
    t.ok(raisedBytes <= defaultBufferBytesMax + marginBytes, raised);
  },
);
