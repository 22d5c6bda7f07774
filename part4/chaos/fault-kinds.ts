import { assert, must, type Random } from '@tablelab/shared';
import { eventually, pauseProcess } from '@tablelab/shared/testing';
import type { ChaosChain } from './chaos-chain.ts';
import type { ChaosServer } from './chaos-server.ts';
import { directions, type FaultProxy } from './fault-proxy.ts';
import { operatorFaults } from './operator-faults.ts';

/** The target of a fault: only servers without another fault. */
export interface FaultContext {
  readonly chain: ChaosChain;
  readonly server: ChaosServer;
  readonly random: Random;
  readonly say: (line: string) => void;
  /** Waits; rejects when the run is cancelled. */
  readonly pause: (durationMs: number) => Promise<void>;
}

export interface FaultKind {
  readonly name: string;
  /**
   * `server`: affects only this server. `ends`: ends the server, so there must be another member without a fault.
   * `zookeeper`: excludes other faults of ZooKeeper. `all`: excludes all other faults, and requires a complete chain.
   */
  readonly reach: 'server' | 'ends' | 'zookeeper' | 'all';
  readonly ensemble?: boolean;
  /** How often it is chosen, relative to the others. */
  readonly weight: number;
  /** Resolves when the fault has happened and is over; it does not check the consequences. */
  readonly run: (context: FaultContext) => Promise<void>;
}

const proofDeadlineMs = 30_000;

/** A duration that is much shorter or much longer than the session's time-out. */
function duration({ chain, random }: FaultContext): number {
  const { sessionTimeoutMs } = chain;
  return random.int(2) === 0
    ? random.int(sessionTimeoutMs / 2)
    : 1.5 * sessionTimeoutMs + random.int(sessionTimeoutMs);
}

function pickDirections({ random }: FaultContext) {
  return random.pick([directions, directions, ['toServer'] as const, ['toClient'] as const]);
}

const seconds = (durationMs: number): string => `${(durationMs / 1_000).toFixed(1)} s`;

/** Freezes the proxies for a while; the held bytes are then delivered, or lost with the connection. */
async function freeze(context: FaultContext, proxies: readonly FaultProxy[], what: string): Promise<void> {
  const { random, say, pause, server } = context;
  const frozen = pickDirections(context);
  const durationMs = duration(context);
  const isCut = random.int(2) === 0;
  say(
    `${server.name}: ${what} silent ${frozen.join(' and ')} for ${seconds(durationMs)}${isCut ? ', then cut' : ''}`,
  );
  for (const proxy of proxies) proxy.freeze(...frozen);
  try {
    await pause(durationMs);
    if (isCut) for (const proxy of proxies) proxy.cut();
  } finally {
    for (const proxy of proxies) proxy.thaw();
  }
}

/** Starts a new server after one has ended. */
async function replace({ chain, server, say }: FaultContext): Promise<void> {
  const next = await chain.add();
  say(`${server.name}: ${next.name} takes its place`);
  await next.joined();
}

export const faultKinds: readonly FaultKind[] = [
  ...operatorFaults,
  {
    name: 'kill',
    reach: 'ends',
    weight: 4,
    async run(context) {
      const { server, say, pause } = context;
      const session = await context.chain.sessionOf(server);
      say(`${server.name}: SIGKILL`);
      await server.crash();
      await pause(duration(context));
      await replace(context);
      await context.chain.watch.sessionGone(session, proofDeadlineMs);
    },
  },
  {
    name: 'leave',
    reach: 'ends',
    weight: 3,
    async run(context) {
      const { server, say } = context;
      say(`${server.name}: SIGTERM`);
      await server.leave();
      await replace(context);
    },
  },
  {
    name: 'replace',
    reach: 'ends',
    weight: 2,
    async run(context) {
      const { server, say } = context;
      await replace(context);
      say(`${server.name}: SIGTERM`);
      await server.leave();
    },
  },
  {
    name: 'stop',
    reach: 'server',
    weight: 4,
    async run(context) {
      const { server, say, pause } = context;
      const durationMs = duration(context);
      say(`${server.name}: SIGSTOP for ${seconds(durationMs)}`);
      await server.pause();
      try {
        await pause(durationMs);
        assert(server.isPaused, `server ${server.name} was stopped all the while`);
      } finally {
        server.resume();
      }
    },
  },
  {
    name: 'link',
    reach: 'server',
    weight: 4,
    run: (context) => freeze(context, [context.server.links], 'the link to it'),
  },
  {
    name: 'slow link',
    reach: 'server',
    weight: 2,
    async run(context) {
      const { server, random, say, pause } = context;
      const durationMs = duration(context);
      const delayMs = 1 + random.int(60);
      say(`${server.name}: the link to it takes ${delayMs} ms for ${seconds(durationMs)}, then is cut`);
      server.links.delay(delayMs);
      try {
        await pause(durationMs);
      } finally {
        server.links.delay(0);
        server.links.cut();
      }
    },
  },
  {
    name: 'clients',
    reach: 'server',
    weight: 2,
    run: (context) => freeze(context, [context.server.clients], 'its clients are'),
  },
  {
    name: 'ZooKeeper link',
    reach: 'server',
    weight: 4,
    run: (context) => freeze(context, context.server.zookeepers, 'its way to ZooKeeper'),
  },
  {
    name: 'alone',
    reach: 'server',
    weight: 2,
    run: (context) => {
      const { links, clients, zookeepers } = context.server;
      return freeze(context, [links, clients, ...zookeepers], 'everything around it is');
    },
  },
  {
    name: 'ZooKeeper dies',
    reach: 'zookeeper',
    ensemble: false,
    weight: 2,
    async run(context) {
      const { chain, say, pause } = context;
      const durationMs = duration(context);
      say(`ZooKeeper: SIGKILL, and back after ${seconds(durationMs)}`);
      const { exited } = chain.zookeeper;
      chain.zookeeper.kill('SIGKILL');
      assert((await exited).signal === 'SIGKILL', 'ZooKeeper was killed');
      await pause(durationMs).finally(() => chain.zookeeper.restart());
    },
  },
  {
    name: 'ZooKeeper stops',
    reach: 'zookeeper',
    ensemble: false,
    weight: 1,
    async run(context) {
      const { chain, say, pause } = context;
      const durationMs = duration(context);
      say(`ZooKeeper: SIGSTOP for ${seconds(durationMs)}`);
      await pauseProcess(chain.zookeeper.pid);
      await pause(durationMs).finally(() => chain.zookeeper.kill('SIGCONT'));
    },
  },
  {
    name: 'ZooKeeper wiped',
    reach: 'all',
    ensemble: false,
    weight: 1,
    async run({ chain, say }) {
      say('ZooKeeper: SIGKILL, and back without data');
      await chain.watch.forget();
      await chain.zookeeper.wipe();
    },
  },
  {
    name: 'ensemble member dies',
    reach: 'zookeeper',
    ensemble: true,
    weight: 3,
    async run(context) {
      const { chain, random, say, pause } = context;
      const member = random.pick(chain.ensemble.members);
      const durationMs = duration(context);
      const mode = await chain.ensemble.modeOf(member);
      say(`ZooKeeper ${member.id}, ${mode ?? 'out'}: SIGKILL, and back after ${seconds(durationMs)}`);
      member.program.kill('SIGKILL');
      assert((await member.program.exited).signal === 'SIGKILL', 'the member was killed');
      await pause(durationMs).finally(() => chain.ensemble.restart(member));
    },
  },
  {
    name: 'ensemble link',
    reach: 'zookeeper',
    ensemble: true,
    weight: 3,
    async run(context) {
      const { chain, say, pause } = context;
      const { ensemble } = chain;
      const durationMs = 2 * duration(context);
      const [leader, follower] = [await ensemble.find('leader'), await ensemble.find('follower')];
      say(`ZooKeeper ${follower.id}: cut off from its leader ${leader.id} for ${seconds(durationMs)}`);
      const link = must(follower.linkTo.get(leader.id), 'a member has a way to each other one');
      link.freeze(...directions);
      await pause(durationMs).finally(() => link.thaw());
      await eventually(() => ensemble.modeOf(follower), {
        deadlineMs: proofDeadlineMs,
        what: `ZooKeeper ${follower.id} to be back`,
      });
    },
  },
];
