import { must, unreachable } from '@tablelab/shared';
import type { SessionId } from '../src/core/view.ts';
import type { Timer } from '../src/ports.ts';
import type { End, Network } from './network.ts';
import type { SimProcess } from './process.ts';
import type { World } from './world.ts';
import {
  type FromZooKeeper,
  type SimZooKeeper,
  type ToZooKeeper,
  type Znode,
  zooKeeperHost,
} from './zookeeper.ts';

/** `lost`: the connection broke; a write may have been done, and may still be. */
export type Answer = Extract<FromZooKeeper, { type: 'written' | 'value' }> | { readonly type: 'lost' };

type Call = Extract<ToZooKeeper, { type: 'write' | 'read' }>;

export interface ZooKeeperClientOptions {
  readonly world: World;
  readonly network: Network;
  readonly zooKeeper: SimZooKeeper;
  readonly process: SimProcess;
  readonly sessionTimeoutMs: number;
  /** A session is there, on a new connection. `isNew`: it has just begun. */
  readonly onConnected: (session: SessionId, connection: { readonly isNew: boolean }) => void;
  /** The session is over as far as this side knows, and another one will be begun. */
  readonly onEnded: (detail: string) => void;
  readonly onChanged: (znode: Znode) => void;
}

/**
 * One server's sessions with ZooKeeper, one after the other. Each keeps itself alive with pings, goes from connection to
 * connection, and is given up when ZooKeeper says so or does not know it for twice its time-out.
 */
export class ZooKeeperClient {
  readonly #options: ZooKeeperClientOptions;
  #end: End<unknown> | undefined;
  #session: SessionId | undefined;
  #isConnected = false;
  #seen = 0;
  #calls: ((answer: Answer) => void)[] = [];
  #ping: Timer | undefined;
  /** Set off when nothing was heard from ZooKeeper for too long. */
  #silence: Timer | undefined;
  #giveUp: Timer | undefined;
  #isClosed = false;

  constructor(options: ZooKeeperClientOptions) {
    this.#options = options;
    this.#connect();
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** To be called while connected; `done` is called once. */
  call(call: Call, done: (answer: Answer) => void): void {
    if (!this.#isConnected) return done({ type: 'lost' });
    this.#calls.push(done);
    this.#send(call);
  }

  /** Ends the session: its znodes go at once, if ZooKeeper can be reached. */
  close(): void {
    this.#isClosed = true;
    if (this.#isConnected) this.#send({ type: 'end' });
    this.#stopTimers();
  }

  #connect(): void {
    if (this.#isClosed) return;
    const { world, network, zooKeeper, process } = this.#options;
    const { host } = process;
    const isCut = network.isCut(host, zooKeeperHost) || network.isCut(zooKeeperHost, host);
    if (isCut || !zooKeeper.isUp) return this.#retry();
    const [near, far] = network.connect<unknown>(
      { host, process },
      { host: zooKeeperHost, process: undefined },
    );
    this.#end = near;
    near.receiving = {
      onMessage: (message) => this.#onMessage(near, message as FromZooKeeper),
      onDown: (detail) => this.#onDown(near, detail),
    };
    world.schedule(network.delayMs(host, zooKeeperHost), () => zooKeeper.accept(far));
    this.#send({ type: 'connect', session: this.#session, seen: this.#seen });
    this.#awaitWord();
  }

  #onMessage(end: End<unknown>, message: FromZooKeeper): void {
    if (end !== this.#end || this.#isClosed) return;
    this.#awaitWord();
    switch (message.type) {
      case 'connected': {
        const isNew = this.#session === undefined;
        this.#session = message.session;
        this.#isConnected = true;
        this.#giveUp = cancelled(this.#giveUp);
        this.#planPing();
        return this.#options.onConnected(message.session, { isNew });
      }
      case 'expired':
        this.#drop('expired');
        return this.#sessionEnded('expired');
      case 'pong':
        return;
      case 'written':
      case 'value':
        this.#seen = Math.max(this.#seen, message.seen);
        return must(this.#calls.shift(), 'an answer has a call')(message);
      case 'changed':
        return this.#options.onChanged(message.znode);
      default:
        return unreachable(message);
    }
  }

  #onDown(end: End<unknown>, detail: string): void {
    if (end !== this.#end || this.#isClosed) return;
    this.#drop(detail);
    this.#retry();
  }

  #send(message: ToZooKeeper): void {
    this.#end?.send(message);
  }

  #planPing(): void {
    this.#ping = cancelled(this.#ping);
    this.#ping = this.#options.process.after(this.#options.sessionTimeoutMs / 4, () => {
      if (!this.#isConnected) return;
      this.#send({ type: 'ping' });
      this.#planPing();
    });
  }

  #awaitWord(): void {
    this.#silence = cancelled(this.#silence);
    this.#silence = this.#options.process.after(this.#options.sessionTimeoutMs / 2, () => {
      this.#drop('nothing heard');
      this.#retry();
    });
  }

  #drop(detail: string): void {
    const end = this.#end;
    const calls = this.#calls;
    this.#end = undefined;
    this.#isConnected = false;
    this.#calls = [];
    this.#ping = cancelled(this.#ping);
    this.#silence = cancelled(this.#silence);
    if (end !== undefined) end.break(detail);
    for (const done of calls) done({ type: 'lost' });
  }

  #retry(): void {
    if (this.#isClosed) return;
    const { process, sessionTimeoutMs, world } = this.#options;
    if (this.#session !== undefined) {
      this.#giveUp ??= process.after(2 * sessionTimeoutMs, () => {
        this.#giveUp = undefined;
        this.#drop('given up');
        this.#sessionEnded('ZooKeeper does not know it');
      });
    }
    process.after(world.between(5, 60), () => {
      if (this.#end === undefined) this.#connect();
    });
  }

  #sessionEnded(detail: string): void {
    if (this.#session === undefined) return;
    this.#session = undefined;
    this.#seen = 0;
    this.#giveUp = cancelled(this.#giveUp);
    this.#options.onEnded(detail);
    this.#retry();
  }

  #stopTimers(): void {
    for (const timer of [this.#ping, this.#silence, this.#giveUp]) cancelled(timer);
  }
}

function cancelled(planned: Timer | undefined): undefined {
  if (planned !== undefined) planned.cancel();
  return undefined;
}
