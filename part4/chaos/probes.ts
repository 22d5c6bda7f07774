import { setTimeout as pause } from 'node:timers/promises';
import { type Random, TableError } from '@tablelab/shared';
import type { HistoryRecorder, Request } from '../linearizability/index.ts';
import { DirectClient, type DirectServer } from './direct-client.ts';

export interface ProbeOptions {
  readonly recorder: HistoryRecorder;
  readonly random: Random;
  /** Those whose processes run now. */
  readonly servers: () => readonly DirectServer[];
  readonly keyOf: (index: number) => string;
  readonly keys: number;
}

const workers = 3;
/** Longer than a server is stopped: what waits in its socket is what it sees first when it wakes. */
const callTimeoutMs = 6_000;
const pauseMs = 10;
/** In a hundred. */
const writeShare = 10;

/**
 * Clients that ask any server at all, past ZooKeeper and all proxies, whether it takes itself for head or tail or not.
 * A client that follows the chain sees little of a server that does not know yet that its time is over: these do. What
 * is answered goes into the history; a refusal is as good an answer as any.
 */
export class Probes {
  readonly #options: ProbeOptions;
  readonly #running: Promise<unknown>;
  #isStopping = false;
  /** Requests that a server answered, and did not refuse. */
  answered = 0;
  refused = 0;

  constructor(options: ProbeOptions) {
    this.#options = options;
    this.#running = Promise.all(
      Array.from({ length: workers }, (_, number) => this.#work(`probe ${number}`)),
    );
  }

  /** Lets what is under way end. */
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
    // It has ended, or does not listen yet.
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
