import { Table } from '@tablelab/part1';
import {
  type Address,
  decodeMessage,
  encodeMessage,
  FrameDecoder,
  Listener,
  type Message,
  NetworkServer,
  type NetworkServerOptions,
  RemoteTable,
  type RemoteTableOptions,
  type Reply,
  Skeleton,
} from '@tablelab/part2';
import { deadlineMs, echo, RawClient } from '@tablelab/part2/testing';
import { eventually } from '@tablelab/shared/testing';

/** Helpers for the tests of this part. */

/** The part of a test that these helpers need. */
interface Teardown {
  teardown(work: () => unknown): void;
}

export interface TestServer {
  readonly server: NetworkServer;
  readonly address: Address;
  readonly table: Table;
  connect(options?: RemoteTableOptions): Promise<RemoteTable>;
  raw(): Promise<RawClient>;
}

/** A server in this process, with a table unless `handler` says otherwise; closed at the test's end. */
export async function startServer(
  t: Teardown,
  options: Partial<NetworkServerOptions> = {},
): Promise<TestServer> {
  const table = new Table(4);
  const skeleton = new Skeleton(table);
  const server = new NetworkServer({ handler: (request) => skeleton.begin(request), port: 0, ...options });
  const address = await server.listen();
  t.teardown(() => server.close({ deadlineMs: 1_000 }));
  return {
    server,
    address,
    table,
    async connect(options) {
      const remote = await RemoteTable.connect(`127.0.0.1:${address.port}`, options);
      t.teardown(() => remote.disconnect());
      return remote;
    },
    async raw() {
      const client = new RawClient(address);
      t.teardown(() => client.socket.destroy());
      await client.connected;
      return client;
    },
  };
}

interface HeldRequest {
  readonly request: Message;
  answer(reply?: Reply): void;
}

/** A server whose answers the test controls, in any order: `held[i]` is the i-th request. */
export async function startHoldingServer(t: Teardown) {
  const held: HeldRequest[] = [];
  const listener = await Listener.open({ host: '127.0.0.1', port: 0 }, (socket) => {
    const frames = new FrameDecoder();
    t.teardown(() => socket.destroy());
    socket.on('error', () => undefined).on('end', () => socket.end());
    socket.on('data', (chunk) => {
      for (const payload of frames.push(chunk)) {
        const request = decodeMessage(payload);
        held.push({ request, answer: (reply = echo(request)) => void socket.write(encodeMessage(reply)) });
      }
    });
  });
  t.teardown(() => listener.close());
  const arrived = (count: number) =>
    eventually(() => held.length >= count, { deadlineMs, what: `${count} requests` });
  return { address: listener.address, held, arrived };
}
