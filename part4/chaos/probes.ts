import { setTimeout as pause } from 'node:timers/promises';
import { type Random, TableError } from '@tablelab/shared';
import type { HistoryRecorder, Request } from '../linearizability/index.ts';
import { DirectClient, type DirectServer } from './direct-client.ts';

export interface ProbeOptions {
  readonly recorder: HistoryRecorder;
  readonly random: Random;
  /** The servers whose processes run now. */
  readonly servers: () => readonly DirectServer[];
  readonly keyOf: (index: number) => string;
  readonly keys: number;
}

const workers = 3;
/** Longer than a server is paused: requests that wait in its socket are the first that it handles when it resumes. */
const callTimeoutMs = 6_000;
const pauseMs = 10;
/** In percent. */
const writeShare = 10;

/**
 * Clients that send requests to every server, without ZooKeeper and proxies, whether or not it is head or tail. They
 * find servers that still answer after their lease, which clients that follow the chain rarely reach. Answers go into
 * the history; a refusal is always correct.
 */
export class Probes {
  readonly #options: ProbeOptions;
  readonly #running: Promise<unknown>;
  #isStopping = false;
  /** The number of requests that a server answered and did not refuse. */
  answered = 0;
  refused = 0;

  constructor(options: ProbeOptions) {
    this.#options = options;
    this.#running = Promise.all(
      Array.from({ length: workers }, (_, number) => this.#work(`probe ${number}`)),
    );
  }

  /** Waits for requests under way, and ends. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
  }

  async #work(name: string): Promise<void> {
    const { random, servers, keyOf, keys } = this.#options;
    const connections = new Map<DirectServer, DirectClient>();
    for (let count = 0; !this.#isStopping; count += 1) {
      const key = keyOf(random.int(keys));
      const isWrite = random.int(100) < writeShare;
      const running = servers();
      if (running.length > 0) {
        const request: Request = isWrite
          ? { kind: 'put', key, value: `${name}:${count}` }
          : { kind: 'get', key };
        await this.#ask(name, random.pick(running), request, connections);
      }
      await pause(pauseMs);
    }
    await Promise.all([...connections.values()].map((connection) => connection.close()));
  }

  async #ask(
    name: string,
    server: DirectServer,
    request: Request,
    connections: Map<DirectServer, DirectClient>,
  ): Promise<void> {
    const { recorder } = this.#options;
    const connection =
      connections.get(server) ?? (await DirectClient.connect(server, callTimeoutMs).catch(() => undefined));
    // The server has ended, or does not listen yet.
    if (connection === undefined) return;
    connections.set(server, connection);
    const id = recorder.invoke(name, request);
    try {
      if (request.kind === 'put') await connection.put(request.key, String(request.value));
      const value = request.kind === 'get' ? await connection.get(request.key) : undefined;
      recorder.ok(id, value);
      this.answered += 1;
    } catch (error) {
      if (!(error instanceof TableError)) throw error;
      if (request.kind === 'get' || !error.mayHaveHappened) recorder.didNotHappen(id);
      this.refused += 1;
      if (error.code !== 'UNREACHABLE' && error.code !== 'TIMEOUT') return;
      connections.delete(server);
      await connection.close();
    }
  }
}
