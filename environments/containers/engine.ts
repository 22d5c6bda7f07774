import { readdirSync, readFileSync } from 'node:fs';
import { errorText } from '@tablelab/shared';
import { ChildProgram, eventually } from '@tablelab/shared/testing';
import { run } from '../run.ts';

const answerDeadlineMs = 10_000;
const startDeadlineMs = 30_000;
/** The engine stops its containers first. */
const stopDeadlineMs = 30_000;

/** The container engine of this machine, and the compose command for it. */
export interface Engine {
  /** `docker compose`, or the older `docker-compose`. */
  readonly compose: readonly [program: string, ...args: string[]];
  /** Stops the engine if these tests started it. */
  stop(): Promise<void>;
}

/**
 * Finds the running engine, or starts one if none is running. Returns the reason, as a text, if that is not possible. Never
 * starts a second engine, because two engines would overwrite each other's network rules.
 */
export async function findEngine(): Promise<Engine | string> {
  const compose = await findCompose();
  if (compose === undefined) return 'neither docker compose nor docker-compose is installed';
  if (await answers()) return { compose, stop: () => Promise.resolve() };
  if (process.env.DOCKER_HOST) return `no container engine answers at ${process.env.DOCKER_HOST}`;
  if (process.platform !== 'linux') return 'no container engine answers';
  if (isRunning('dockerd')) return 'a container engine is running, but does not answer';
  if (process.getuid?.() !== 0) return 'no container engine is running, and only root can start one';
  if (!(await succeeds('dockerd', '--version'))) return 'no container engine is installed';
  const program = new ChildProgram('dockerd', []);
  const stop = () => program.stop({ deadlineMs: stopDeadlineMs });
  const ended = program.exited.then(() => Promise.reject(new Error('the engine has ended')));
  try {
    const answer = eventually(answers, { deadlineMs: startDeadlineMs, what: 'the engine to answer' });
    await Promise.race([answer, ended]);
    return { compose, stop };
  } catch (error) {
    await stop();
    const lastLine = program.stderrLines.at(-1) ?? '';
    return `a container engine cannot be started: ${errorText(error)}; ${lastLine}`;
  }
}

async function findCompose(): Promise<Engine['compose'] | undefined> {
  for (const compose of [['docker', 'compose'], ['docker-compose']] as const) {
    const [program, ...args] = compose;
    if (await succeeds(program, ...args, 'version')) return compose;
  }
  return undefined;
}

function answers(): Promise<boolean> {
  return succeeds('docker', 'version');
}

function succeeds(command: string, ...args: string[]): Promise<boolean> {
  return run(command, args, { deadlineMs: answerDeadlineMs }).then(
    () => true,
    () => false,
  );
}

function isRunning(program: string): boolean {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .some((pid) => programOf(pid) === program);
}

function programOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    // The process has ended meanwhile.
    return undefined;
  }
}
