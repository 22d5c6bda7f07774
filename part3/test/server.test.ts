import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ContentType, encodeMessage, Opcode, parseAddress } from '@tablelab/part2';
import { AsyncRemoteTable, AsyncTableServer } from '@tablelab/part3';
import { eventually, spawnProgram } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const program = (name: string) => fileURLToPath(new URL(`../src/programs/${name}.ts`, import.meta.url));

async function startServer(t: Test): Promise<AsyncTableServer> {
  const server = await AsyncTableServer.start({ host: '127.0.0.1', port: 0, nLists: 4 });
  t.teardown(() => server.close());
  return server;
}

t.test('all clients are served at once, none waits for another to leave', async (t) => {
  const { address } = await startServer(t);
  const clients = await Promise.all(Array.from({ length: 100 }, () => AsyncRemoteTable.connect(address)));
  t.teardown(() => Promise.all(clients.map((client) => client.disconnect())));
  const numbers = await Promise.all(clients.map((client, i) => client.put(`k${i}`, bytes(`${i}`))));
  t.same(
    [...numbers].sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i),
    'each write has its own number',
  );
  for (const [i, client] of clients.entries()) {
    const opN = numbers[(i + 1) % 100] ?? -1;
    await eventually(() => client.verify(opN), { deadlineMs: 5_000, what: `write ${opN} to be executed` });
    t.same(
      await client.get(`k${(i + 1) % 100}`),
      bytes(`${(i + 1) % 100}`),
      'a client sees what another wrote',
    );
  }
});

t.test('values are arbitrary bytes: every byte value, none, a MiB', async (t) => {
  const client = await AsyncRemoteTable.connect((await startServer(t)).address);
  t.teardown(() => client.disconnect());
  const values = {
    all: Uint8Array.from({ length: 256 }, (_, i) => i),
    empty: new Uint8Array(0),
    large: new Uint8Array(1 << 20).fill(0xab),
  };
  let opN = -1;
  for (const [key, value] of Object.entries(values)) opN = await client.put(key, value);
  await eventually(() => client.verify(opN), { deadlineMs: 5_000, what: 'the writes to be executed' });
  for (const [key, value] of Object.entries(values)) {
    t.ok(Buffer.from((await client.get(key)) ?? []).equals(value), `${key} comes back as it was`);
  }
  t.not(await client.get('empty'), undefined, 'an empty value is not an absent one');
  t.equal(await client.get('absent'), undefined);
  opN = await client.del('all');
  await eventually(() => client.verify(opN), { deadlineMs: 5_000, what: 'the del to be executed' });
  t.same((await client.getKeys()).sort(), ['empty', 'large']);
  t.equal(await client.size(), 2);
});

t.test('malformed input costs its sender an error and nobody else anything', async (t) => {
  const { address } = await startServer(t);
  const bystander = await AsyncRemoteTable.connect(address);
  t.teardown(() => bystander.disconnect());
  const inputs = {
    garbage: Buffer.from(`GET /${'x'.repeat(100)} HTTP/1.1\r\n\r\n`),
    'a frame that announces 4 GiB': Buffer.from([0x80, 0x80, 0x80, 0x80, 0x10, 1, 2, 3]),
    'an unknown opcode': encodeMessage({ opcode: 77, c_type: ContentType.CT_NONE }),
    'a key with NUL': encodeMessage({ opcode: Opcode.OP_GET, c_type: ContentType.CT_KEY, key: 'a\0b' }),
  };
  for (const [what, input] of Object.entries(inputs)) {
    const socket = connect(parseAddress(address));
    t.teardown(() => socket.destroy());
    const answered = new Promise<Buffer>((resolve, reject) => {
      socket.once('data', resolve);
      socket.once('error', reject);
    });
    socket.write(input);
    // The reply's first field is the opcode: OP_ERROR, 99.
    t.equal((await answered)[2], Opcode.OP_ERROR, `${what} gets an error`);
    t.equal(await bystander.size(), 0, 'and the next request of somebody else is answered');
  }
});

t.test('the program: clear errors, a clean end', async (t) => {
  const start = (...args: string[]) => spawnProgram(program('table-server'), args);
  const server = start('0', '4');
  t.teardown(() => server.stop());
  const [, address = ''] = await server.waitForLine(/^listening on (\S+)$/, 10_000);

  const second = start(address.split(':')[1] ?? '', '4');
  t.same(await second.exited, { code: 1, signal: null }, 'a port that is taken');
  t.match(second.stderrLines, [/^table-server: cannot listen on .*: another program listens there already$/]);
  for (const args of [
    [],
    ['0'],
    ['0', '0'],
    ['x', '4'],
    ['70000', '4'],
    ['0', '4', '5'],
    ['0', '4', '--what'],
  ]) {
    const wrong = start(...args);
    t.same(await wrong.exited, { code: 2, signal: null }, `wrong arguments: ${JSON.stringify(args)}`);
    t.match(wrong.stderrLines[0], /^table-server: /);
  }

  const client = await AsyncRemoteTable.connect(address);
  await client.put('a', bytes('1'));
  server.kill('SIGTERM');
  t.same(await server.exited, { code: 0, signal: null }, 'SIGTERM ends it, with a client connected');
  await client.disconnect();
});
