import { type ChildProgram, eventually, withDeadline } from '@tablelab/shared/testing';
import type { SeenChain } from '../../part4/chaos/chain-watch.ts';
import type { ComposeProject } from './compose-project.ts';

const startDeadlineMs = 60_000;
const progressDeadlineMs = 60_000;
const answerDeadlineMs = 15_000;
const judgeDeadlineMs = 120_000;
/** Longer than the tests take; it only ends the program of a test that hangs. */
const durationSeconds = 900;

/** Part 4's workload program in a container of its own: clients that read and write. Commands go to its standard input. */
export class WorkloadProgram {
  readonly #program: ChildProgram;

  static async start(
    project: ComposeProject,
    options: { probes: readonly string[] },
  ): Promise<WorkloadProgram> {
    const args = ['--seconds', String(durationSeconds), '--probe', options.probes.join(',')];
    const program = project.client('node', 'part4/chaos/workload-program.ts', 'zookeeper:2181', ...args);
    try {
      await program.waitForLine(/^working$/, startDeadlineMs);
    } catch (error) {
      await program.stop();
      throw error;
    }
    return new WorkloadProgram(program);
  }

  private constructor(program: ChildProgram) {
    this.#program = program;
  }

  /** Waits until every client has completed another write and another read. The program runs one command at a time. */
  async progress(): Promise<void> {
    this.#program.write('progress\n');
    await this.#program.waitForLine(/^progress$/, progressDeadlineMs);
  }

  async chain(): Promise<SeenChain> {
    this.#program.write('chain\n');
    const [, json = ''] = await this.#program.waitForLine(/^chain (.*)$/, answerDeadlineMs);
    return JSON.parse(json) as SeenChain;
  }

  /** Waits until the chain consists of exactly these servers, in any order. */
  async whole(services: readonly string[], deadlineMs: number): Promise<void> {
    const wanted = services.map(addressOf).sort();
    let seen: SeenChain | undefined;
    const look = async () => {
      seen = await this.chain();
      const { servers, members } = seen;
      const lists = [servers.map(({ address }) => address), members];
      return lists.every((list) => String([...list].sort()) === String(wanted));
    };
    try {
      await eventually(look, { deadlineMs, what: `the chain of ${services}` });
    } catch (error) {
      throw new Error(`${(error as Error).message}; the chain is ${JSON.stringify(seen)}`, { cause: error });
    }
  }

  async sessionOf(service: string): Promise<string | undefined> {
    const { servers } = await this.chain();
    return servers.find(({ address }) => address === addressOf(service))?.session;
  }

  /** Waits until the server is in the chain with a different ZooKeeper session. */
  async rejoined(service: string, before: string | undefined, deadlineMs: number): Promise<void> {
    const look = async () => {
      const session = await this.sessionOf(service);
      return session !== undefined && session !== before;
    };
    await eventually(look, { deadlineMs, what: `${service} to rejoin` });
  }

  /** The services of compose.yaml in the chain, head first. */
  async order(): Promise<string[]> {
    const { servers } = await this.chain();
    return servers.map(({ address }) => address.replace(/\.chain:22345$/, ''));
  }

  /** Stops the clients and waits for the verdict on their history. */
  async judge(): Promise<{ code: number | null; verdict: string; complaints: readonly string[] }> {
    const { stdoutLines, stderrLines, exited } = this.#program;
    this.#program.endInput();
    const { code } = await withDeadline(exited, judgeDeadlineMs, 'the verdict');
    return { code, verdict: stdoutLines.at(-1) ?? '', complaints: stderrLines };
  }

  async stop(): Promise<void> {
    await this.#program.stop();
  }
}

/** The address of a server in compose.yaml's network. */
export function addressOf(service: string): string {
  return `${service}.chain:22345`;
}
