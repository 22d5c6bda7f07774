import { chainPaths } from '../src/adapters/zookeeper/chain-session.ts';
import { surveyChain } from '../src/admin/chain-survey.ts';
import { goOn, holdersIn } from '../src/admin/recovery.ts';
import type { CoordinationSession } from '../src/ports.ts';
import type { Cluster } from './cluster.ts';
import { SimProcess } from './process.ts';
import { simZooKeeperService } from './zookeeper-session.ts';

/** How long until the person looks again, in milliseconds. */
const lookMs = 500;

/**
 * A person who repairs a chain with `table-admin`: the real functions, in a session of a simulated process. What fails is
 * tried again.
 */
export class SimAdmin {
  readonly #cluster: Cluster;
  #process: SimProcess | undefined;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Writes nothing over the record, whatever it is. */
  emptyRecord(): void {
    this.#repeat(async (session) => {
      const { recordVersion: version } = await surveyChain(session, () => undefined);
      await session.transaction([
        { op: 'setData', path: chainPaths.chain, data: new Uint8Array(0), version },
      ]);
      return true;
    });
  }

  /** Lets the chain go on with what all have that are left, once they have all found that ZooKeeper has lost its data. */
  recover(): void {
    const { servers, world } = this.#cluster;
    const addresses = servers.map(({ address }) => address);
    this.#repeat(async (session) => {
      const survey = await surveyChain(session, () => undefined);
      if (survey.record !== undefined) return true;
      const holders = holdersIn(survey).map(({ address }) => address);
      if (!addresses.every((address) => holders.includes(address))) return false;
      await goOn(session, survey, { addresses, newChain: world.hex(16) });
      return true;
    });
  }

  #repeat(work: (session: CoordinationSession) => Promise<boolean>): void {
    const { world } = this.#cluster;
    this.#process ??= new SimProcess(world, { host: 'admin', clockRate: 1 });
    const process = this.#process;
    const again = (isDone: boolean) => {
      if (!isDone) process.schedule(lookMs, () => this.#repeat(work));
    };
    this.#inSession(process, work).then(again, () => again(false));
  }

  async #inSession<T>(process: SimProcess, work: (session: CoordinationSession) => Promise<T>): Promise<T> {
    const { world, network, zooKeeper } = this.#cluster;
    const { sessionTimeoutMs } = zooKeeper;
    const service = simZooKeeperService({
      world,
      network,
      process,
      sessionTimeoutMs,
      connectDeadlineMs: 5 * sessionTimeoutMs,
      callTimeoutMs: 2 * sessionTimeoutMs,
      giveUpMs: { min: sessionTimeoutMs, max: sessionTimeoutMs },
    });
    const session = await service.open({ stop: new AbortController().signal });
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  }
}
