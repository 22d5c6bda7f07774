import { Table } from '@tablelab/part1';
import { type Address, errorReply, type Message, RemoteTable, type Reply, Skeleton } from '@tablelab/part2';
import { deadlineMs, echo, RawClient } from '@tablelab/part2/testing';
import { Deferred, MultiplexingServer, type MultiplexingServerOptions } from '@tablelab/part3';
import { eventually } from '@tablelab/shared/testing';

/** The part of a test that these helpers need. */
interface Teardown {
  teardown(work: () => unknown): void;
}

export interface TestServer {
  readonly server: MultiplexingServer;
  readonly address: Address;
  readonly table: Table;
  connect(): Promise<RemoteTable>;
  raw(): Promise<RawClient>;
}

/** The network server alone, over a table of part 1 unless `handler` says otherwise; closed at the test's end. */
export async function startMultiplexing(
  t: Teardown,
  options: Partial<MultiplexingServerOptions> = {},
): Promise<TestServer> {
  const table = new Table(4);
  const skeleton = new Skeleton(table);
  const server = new MultiplexingServer({ handler: (request) => skeleton.invoke(request), ...options });
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => server.close({ deadlineMs: 1_000 }));
  return {
    server,
    address,
    table,
    async connect() {
      const remote = await RemoteTable.connect(`127.0.0.1:${address.port}`);
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

/** A handler whose replies the test controls, in any order: `held[i]` is the i-th request. */
export function holdingHandler() {
  const held: { request: Message; answer(reply?: Reply): void; fail(error: unknown): void }[] = [];
  const handler = (request: Message): Deferred<Reply> => {
    const deferred = new Deferred<Reply>();
    held.push({
      request,
      answer: (reply = echo(request)) => deferred.settle(reply),
      fail: (error) => deferred.settle(errorReply(error)),
    });
    return deferred;
  };
  const arrived = (count: number) =>
    eventually(() => held.length >= count, { deadlineMs, what: `${count} requests` });
  return { held, handler, arrived };
}
