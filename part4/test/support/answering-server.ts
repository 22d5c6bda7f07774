import { Table } from '@tablelab/part1';
import { formatAddress, type Message, Opcode, Outcome, type Reply, Skeleton } from '@tablelab/part2';
import { Deferred, MultiplexingServer } from '@tablelab/part3';
import type { Test } from 'tap';
import { nameFields } from '../../src/write-name.ts';

/** Puts get the next name, those on condition are applied, an `open` gets the session `s`, reads the answers of an empty table. */
export function answering(): { handler: (request: Message) => Reply; requests: Message[] } {
  const requests: Message[] = [];
  const reads = new Skeleton(new Table(1));
  const handler = (request: Message): Reply => {
    requests.push({ ...request, data: request.data.slice() });
    const { opcode } = request;
    const name = { opcode: opcode + 1, ...nameFields({ epoch: 0, number: requests.length }) };
    if (opcode === Opcode.OP_OPEN || opcode === Opcode.OP_PUT) return { ...name, client: 's' };
    if (opcode === Opcode.OP_PUTIFEQUALS) return { ...name, outcome: Outcome.APPLIED };
    return reads.invoke(request);
  };
  return { handler, requests };
}

export async function startNetworkServer(
  t: Test,
  handler: (request: Message) => Reply | Promise<Reply>,
  port = 0,
): Promise<{ address: string; server: MultiplexingServer }> {
  const server = new MultiplexingServer({
    handler: (request) => {
      const reply = handler(request);
      return reply instanceof Promise ? Deferred.of(reply) : reply;
    },
  });
  t.teardown(() => server.close({ deadlineMs: 0 }));
  return { address: formatAddress(await server.listen({ host: '127.0.0.1', port })), server };
}
