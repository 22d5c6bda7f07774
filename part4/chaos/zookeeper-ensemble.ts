import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorText, must } from '@tablelab/shared';
import { type ChildProgram, eventually, freePort } from '@tablelab/shared/testing';
import {
  configureZooKeeper,
  dataFolder,
  fourLetterWord,
  installedZooKeeper,
  launchZooKeeper,
} from '@tablelab/shared/zookeeper';
import { FaultProxy } from './fault-proxy.ts';

const memberCount = 3;
const host = '127.0.0.1';
const startDeadlineMs = 30_000;
const answerDeadlineMs = 1_000;
/** A follower may dial a leader that does not listen yet. If it were refused, it would retry for a while. */
const patienceMs = 2_000;

/** Prints warnings, which show why a member did not start. */
const logging = `<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{HH:mm:ss.SSS} %level %logger{0}: %m%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="out"/></root>
</configuration>
`;

type Mode = 'leader' | 'follower';

/** One server of the ensemble. */
export interface ZooKeeperMember {
  readonly id: number;
  /** The host for clients, without a proxy. */
  readonly host: string;
  readonly port: number;
  /** Replaced by {@link ZooKeeperEnsemble.restart}. */
  program: ChildProgram;
  /** The proxies through which this member reaches each other member, by id, when that one leads. */
  readonly linkTo: ReadonlyMap<number, FaultProxy>;
}

/**
 * Three ZooKeeper servers on the loopback interface. Each follower reaches its leader through a proxy, so that a test
 * can cut a follower off from its leader while clients still reach it. Elections do not use the proxies.
 */
export class ZooKeeperEnsemble {
  readonly members: readonly ZooKeeperMember[];
  readonly #folder: string;

  static async start(): Promise<ZooKeeperEnsemble> {
    const folder = await mkdtemp(join(tmpdir(), 'tablelab-ensemble-'));
    const ids = Array.from({ length: memberCount }, (_, index) => index + 1);
    const ports = new Map<number, { client: number; quorum: number; election: number }>();
    for (const id of ids) {
      ports.set(id, { client: await freePort(), quorum: await freePort(), election: await freePort() });
    }
    const portsOf = (id: number) => must(ports.get(id), 'each member has its ports');
    const members: ZooKeeperMember[] = [];
    for (const id of ids) {
      const linkTo = new Map<number, FaultProxy>();
      for (const other of ids.filter((candidate) => candidate !== id)) {
        linkTo.set(other, await FaultProxy.start({ host, port: portsOf(other).quorum }, { patienceMs }));
      }
      const servers = Object.fromEntries(
        ids.map((other) => {
          const quorum = linkTo.get(other)?.port ?? portsOf(id).quorum;
          return [`server.${other}`, `${host}:${quorum}:${portsOf(other).election}`];
        }),
      );
      const port = portsOf(id).client;
      await configure(folder, { id, port, servers });
      await writeFile(join(dataFolder(folderOf(folder, id)), 'myid'), `${id}`);
      members.push({ id, host, port, program: launch(folder, id), linkTo });
    }
    const ensemble = new ZooKeeperEnsemble(folder, members);
    try {
      for (const member of members) await ensemble.serving(member);
    } catch (error) {
      await ensemble.stop();
      throw error;
    }
    return ensemble;
  }

  private constructor(folder: string, members: readonly ZooKeeperMember[]) {
    this.#folder = folder;
    this.members = members;
  }

  /** The mode that the member reports; undefined while it does not answer. */
  async modeOf(member: ZooKeeperMember): Promise<Mode | undefined> {
    const answer = await fourLetterWord('srvr', member, answerDeadlineMs).catch(() => '');
    return /Mode: (leader|follower)/.exec(answer)?.[1] as Mode | undefined;
  }

  async find(mode: Mode): Promise<ZooKeeperMember> {
    for (const member of this.members) {
      if (member.program.running && (await this.modeOf(member)) === mode) return member;
    }
    throw new Error(`no member is ${mode}`);
  }

  /** Waits until the member answers clients. */
  async serving(member: ZooKeeperMember): Promise<void> {
    const { id, program } = member;
    try {
      await eventually(() => this.modeOf(member), { deadlineMs: startDeadlineMs, what: `member ${id}` });
    } catch (error) {
      const state = program.running ? 'it is running' : 'it has ended';
      const lines = [...program.stdoutLines, ...program.stderrLines].slice(-20);
      throw new Error([errorText(error), `${state} and printed:`, ...lines].join('\n  '), { cause: error });
    }
  }

  /** Starts a member that has ended, with its old data. */
  async restart(member: ZooKeeperMember): Promise<void> {
    member.program = launch(this.#folder, member.id);
    await this.serving(member);
  }

  async stop(): Promise<void> {
    for (const { program, linkTo } of this.members) {
      await program.stop();
      for (const proxy of linkTo.values()) await proxy.close();
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function configure(
  folder: string,
  { id, port, servers }: { id: number; port: number; servers: Readonly<Record<string, string>> },
): Promise<void> {
  return configureZooKeeper(folderOf(folder, id), {
    port,
    tickTimeMs: 200,
    // A leader that is elected too early gives up after this many ticks; only then does the next election start.
    settings: { initLimit: 15, syncLimit: 10, ...servers },
    logging,
  });
}

function launch(folder: string, id: number): ChildProgram {
  return launchZooKeeper(installedZooKeeper(), folderOf(folder, id), {
    properties: {
      // Otherwise a member waits longer and longer before it contacts peers again that have not started yet.
      'zookeeper.fastleader.maxNotificationInterval': 500,
      'zookeeper.cnxTimeout': 500,
    },
    temporaryFolder: folder,
  });
}

function folderOf(folder: string, id: number): string {
  return join(folder, `${id}`);
}
