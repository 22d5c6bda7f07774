import { setTimeout as pause } from 'node:timers/promises';
import { must } from '@tablelab/shared';
import { ChildProgram, eventually } from '@tablelab/shared/testing';
import { root } from '../clone.ts';
import { plainEnvironment, run } from '../run.ts';
import type { BaseImages } from './base-images.ts';
import type { Engine } from './engine.ts';

const commandDeadlineMs = 60_000;
const buildDeadlineMs = 5 * 60_000;
/** Between two queries of the engine, because each starts a program. */
const lookIntervalMs = 200;

/** The parts of the output of `docker inspect` that the tests use. */
interface ContainerState {
  readonly State: {
    readonly Running: boolean;
    readonly ExitCode: number;
    readonly Health?: { readonly Status: string; readonly Log: readonly { readonly Output: string }[] };
  };
  readonly Mounts: readonly { readonly Type: string; readonly Name?: string }[];
  readonly NetworkSettings: {
    readonly Ports: Readonly<Record<string, readonly { HostIp: string; HostPort: string }[] | null>>;
  };
}

/**
 * The services of compose.yaml as a project of the tests, with its own names, image and ports. Invariant: after
 * {@link down}, nothing of it is left.
 */
export class ComposeProject {
  readonly name: string;
  readonly image: string;
  readonly #program: string;
  readonly #args: readonly string[];
  readonly #env: Readonly<Record<string, string>>;

  constructor(options: { engine: Engine; baseImages: BaseImages; name: string; files?: readonly string[] }) {
    const { engine, baseImages, name, files = ['compose.yaml'] } = options;
    const [program, ...args] = engine.compose;
    this.name = name;
    this.image = `${name}:latest`;
    this.#program = program;
    this.#args = [...args, '--project-name', name, ...files.flatMap((file) => ['--file', file])];
    this.#env = {
      TABLELAB_IMAGE: this.image,
      NODE_IMAGE: baseImages.node,
      ZOOKEEPER_IMAGE: baseImages.zookeeper,
      // An empty port means any free port.
      ...Object.fromEntries([1, 2, 3, 4].map((number) => [`SERVER${number}_PORT`, ''])),
      DASHBOARD_PORT: '',
    };
  }

  /** Runs a compose command. Resolves with its output. @throws Error with the end of its output, when it fails */
  compose(args: readonly string[], deadlineMs = commandDeadlineMs): Promise<string> {
    const env = { ...plainEnvironment(), ...this.#env };
    return run(this.#program, [...this.#args, ...args], { cwd: root, env, deadlineMs });
  }

  async build(): Promise<void> {
    await this.compose(['build', 'server1'], buildDeadlineMs);
  }

  /** Starts a command, by default the client, in a container of the service `client`, with an open standard input. */
  client(...command: string[]): ChildProgram {
    const args = [...this.#args, 'run', '--rm', '-T', '--no-deps', 'client', ...command];
    return new ChildProgram(this.#program, args, { cwd: root, env: this.#env });
  }

  /** Runs a command in a new container of the image that is not connected to the chain. */
  inImage(command: readonly string[], user = 'node'): Promise<string> {
    return docker(['run', '--rm', '--user', user, this.image, ...command]);
  }

  /** Runs a docker command on the container of a service. */
  async docker(command: readonly string[], service: string): Promise<string> {
    return docker([...command, await this.containerOf(service)]);
  }

  async disconnect(service: string, network: string): Promise<void> {
    await this.docker(['network', 'disconnect', `${this.name}_${network}`], service);
  }

  /** @param aliases the service's aliases in compose.yaml, which docker does not restore by itself */
  async connect(service: string, network: string, ...aliases: string[]): Promise<void> {
    const options = aliases.flatMap((alias) => ['--alias', alias]);
    await this.docker(['network', 'connect', ...options, `${this.name}_${network}`], service);
  }

  async inspect(service: string): Promise<ContainerState> {
    const [state] = JSON.parse(await this.docker(['inspect'], service)) as ContainerState[];
    return must(state, `there is a container of ${service}`);
  }

  /** Waits until the service's container has this health status. */
  async healthIs(service: string, status: 'healthy' | 'unhealthy', deadlineMs: number): Promise<void> {
    let seen: ContainerState['State'] | undefined;
    const look = async () => {
      seen = (await this.inspect(service)).State;
      if (seen.Running && seen.Health?.Status === status) return true;
      await pause(lookIntervalMs);
      return false;
    };
    try {
      await eventually(look, { deadlineMs, what: `${service} to be ${status}` });
    } catch (error) {
      const { Status, Log } = seen?.Health ?? { Status: 'missing', Log: [] };
      const lines = [
        `${(error as Error).message}; it is ${Status}`,
        ...Log.slice(-1).map(({ Output }) => Output),
      ];
      throw new Error([...lines, await this.docker(['logs', '--tail', '20'], service)].join('\n'), {
        cause: error,
      });
    }
  }

  /** Waits until the service's server is ready, or is alive and not ready (part4/README.md#operate-health). */
  async readinessIs(service: string, isReady: boolean, deadlineMs: number): Promise<void> {
    const check = ['node', 'part4/src/programs/health-check.ts', '--ready', '127.0.0.1:22345'];
    const look = async () => {
      const container = await this.containerOf(service);
      const found = await docker(['exec', container, ...check]).then(
        () => true,
        () => false,
      );
      if (found === isReady) return true;
      await pause(lookIntervalMs);
      return false;
    };
    await eventually(look, { deadlineMs, what: `${service} to be ${isReady ? 'ready' : 'not ready'}` });
  }

  /** Removes the project, including its volumes. */
  async down(): Promise<void> {
    await this.compose([
      '--profile',
      'scale',
      '--profile',
      'client',
      'down',
      '--volumes',
      '--remove-orphans',
    ]);
  }

  /** The ids of the project's containers, networks and volumes. */
  async leftovers(): Promise<string[]> {
    const filter = ['--quiet', '--filter', `label=com.docker.compose.project=${this.name}`];
    const lists = await Promise.all([
      docker(['ps', '--all', ...filter]),
      docker(['network', 'ls', ...filter]),
      docker(['volume', 'ls', ...filter]),
    ]);
    return lists.flatMap((list) => list.split('\n')).filter((id) => id !== '');
  }

  async containerOf(service: string): Promise<string> {
    const filters = Object.entries({ project: this.name, service }).flatMap(([name, value]) => [
      '--filter',
      `label=com.docker.compose.${name}=${value}`,
    ]);
    const [id] = (await docker(['ps', '--all', '--quiet', ...filters])).split('\n');
    return must(id === '' ? undefined : id, `there is a container of ${service}`);
  }
}

/** Runs a docker command. Resolves with its output without the last line end. @throws Error when it fails */
export async function docker(args: readonly string[]): Promise<string> {
  return (await run('docker', args, { deadlineMs: commandDeadlineMs })).trimEnd();
}
