import { must } from '@tablelab/shared';
import { closeSession } from './close-session.ts';
import type { FaultContext, FaultKind } from './fault-kinds.ts';

const proofDeadlineMs = 30_000;
const chainPath = '/chain';

/**
 * Whether a server may lose its place while its lease lasts. The tail may not: until it notices, it answers reads with what it
 * has, while another tail does, too (part4/README.md#lease-bypassed).
 */
async function mayLosePlace({ chain, server }: FaultContext): Promise<boolean> {
  return (await chain.tail()) !== server;
}

/** What an operator, or another program, can do to the chain's znodes by mistake. */
export const operatorFaults: readonly FaultKind[] = [
  {
    name: 'znode deleted',
    reach: 'ends',
    weight: 2,
    async run(context) {
      const { chain, server, say } = context;
      if (!(await mayLosePlace(context))) return;
      const { servers } = await chain.watch.read();
      const { name } = must(
        servers.find(({ address }) => address === server.address),
        'it is in the chain',
      );
      say(`${server.name}: its znode ${name} is deleted`);
      await (await chain.watch.session()).remove(`${chainPath}/${name}`);
      await chain.watch.until(
        (seen) => seen.servers.every((other) => other.name !== name) && seen.members.includes(server.address),
        { deadlineMs: proofDeadlineMs, what: `${server.name} to be back under another number` },
      );
    },
  },
  {
    name: 'session closed',
    reach: 'ends',
    weight: 2,
    async run(context) {
      const { chain, server, say } = context;
      if (!(await mayLosePlace(context))) return;
      const session = await chain.sessionOf(server);
      say(`${server.name}: its session ${session} is closed by somebody else`);
      await closeSession(must(chain.zookeepers[0], 'there is one'), session);
      await chain.watch.sessionGone(session, proofDeadlineMs);
      await chain.watch.until(({ members }) => members.includes(server.address), {
        deadlineMs: proofDeadlineMs,
        what: `${server.name} to be back`,
      });
    },
  },
  {
    name: 'garbage children',
    reach: 'all',
    weight: 2,
    async run({ chain, random, say, pause }) {
      const session = await chain.watch.session();
      const garbage = [
        [`${chainPath}/lock`, 'not a server'],
        [`${chainPath}/node99`, ''],
        ['/chain-joining/node00000000x1', '{}'],
        ['/chain-joining/garbage', '\0'],
      ] as const;
      const made = garbage.filter(() => random.int(2) === 0);
      say(`ZooKeeper: garbage at ${made.map(([path]) => path).join(', ') || 'no path'}`);
      for (const [path, data] of made) await session.create(path, Buffer.from(data), 'persistent');
      await pause(random.int(2 * chain.sessionTimeoutMs)).finally(async () => {
        for (const [path] of made) await session.remove(path);
      });
    },
  },
  {
    name: 'record overwritten',
    reach: 'all',
    weight: 2,
    async run({ chain, random, say, pause }) {
      const session = await chain.watch.session();
      const { data, version } = must(await session.getData(chainPath), 'the chain');
      const garbage = random.pick([' ', '{', 'null', '{"chain":"x"}', '\u0000\u0001']);
      if ((await session.setData(chainPath, Buffer.from(garbage), version)) === undefined) return;
      say(`ZooKeeper: ${JSON.stringify(garbage)} in the membership record, repaired later`);
      await pause(random.int(2 * chain.sessionTimeoutMs)).finally(() =>
        session.setData(chainPath, data, version + 1),
      );
    },
  },
  {
    name: 'record emptied',
    reach: 'all',
    weight: 1,
    async run({ chain, say }) {
      const session = await chain.watch.session();
      const { version } = must(await session.getData(chainPath), 'the chain');
      if ((await session.setData(chainPath, new Uint8Array(0), version)) === undefined) return;
      say('ZooKeeper: the membership record is emptied');
    },
  },
];
