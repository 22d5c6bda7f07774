import { must } from '@tablelab/shared';
import { eventually } from '@tablelab/shared/testing';
import type { Test } from 'tap';
import { nodeClock } from '../../src/adapters/node/node-clock.ts';
import { RepeatedRead } from '../../src/adapters/zookeeper/repeated-read.ts';
import { type SessionOptions, ZooKeeperSession } from '../../src/adapters/zookeeper/zookeeper-session.ts';
import type { Children } from '../../src/ports.ts';

/** The session time-out of these tests, T: five ticks of a ZooKeeper with tickTime 200. */
export const sessionTimeoutMs = 1_000;

/** For sessions that must survive a fault: a loaded machine may hang for a second. */
export const patientTimeoutMs = 4 * sessionTimeoutMs;

/** Longer than anything takes on a loaded machine; a test that waits this long has failed. */
export const deadlineMs = 15_000;

/** The time limit of a test that starts a ZooKeeper or waits for sessions to end: more than the 30 s of other tests. */
export const testTimeoutMs = 55_000;

/** Opens a session that the test's end closes. */
export async function openSession(
  t: Test,
  servers: string,
  options: Partial<SessionOptions> = {},
): Promise<ZooKeeperSession> {
  const session = await ZooKeeperSession.open({
    servers,
    sessionTimeoutMs,
    connectDeadlineMs: deadlineMs,
    ...options,
  });
  t.teardown(() => session.close());
  return session;
}

/** A session that only observes and makes changes; it must not lose its connection on a loaded machine. */
export function openObserver(t: Test, servers: string): Promise<ZooKeeperSession> {
  return openSession(t, servers, { sessionTimeoutMs: 20 * sessionTimeoutMs });
}

/** Makes one ephemeral znode `prefix` + 10 digits; returns its path. */
export async function createNumbered(
  session: ZooKeeperSession,
  prefix: string,
  data: Uint8Array = new Uint8Array(0),
): Promise<string> {
  return must(await session.create(prefix, data, 'ephemeral-sequential'), 'a numbered name is new');
}

/** Follows the children of an existing znode. Ignores the same version after a reconnect. */
export function watchChildren(
  session: ZooKeeperSession,
  path: string,
  listener: (children: Children) => void,
  log: (line: string) => void = () => undefined,
): RepeatedRead<Children> {
  let told: number | undefined;
  return new RepeatedRead({
    session,
    clock: nodeClock,
    retryMs: sessionTimeoutMs,
    log,
    what: path,
    read: async (changed) => must(await session.children(path, changed), `${path} is there`),
    listener: (children) => {
      if (children.version === told) return;
      told = children.version;
      listener(children);
    },
  });
}

/** Waits until this many milliseconds have passed since `start`, a time of performance.now(). */
export async function passed(start: number, elapsedMs: number): Promise<void> {
  await eventually(() => performance.now() - start > elapsedMs, { deadlineMs: deadlineMs + elapsedMs });
}

/** How long `work` takes, in ms. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Timers and sockets that keep this process alive: what a closed session must not leave. */
export function openResources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => name === 'Timeout' || name.startsWith('TCPSocket') || name === 'TCPConnectWrap')
    .sort();
}
