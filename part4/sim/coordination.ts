import type { DirectoryChange } from '../src/core/directory.ts';
import type { ChainEvent } from '../src/core/effects.ts';
import type { ServerId, SessionId } from '../src/core/view.ts';
import type { Timer } from '../src/ports.ts';
import type { Network } from './network.ts';
import type { SimProcess } from './process.ts';
import type { World } from './world.ts';
import type { SimZooKeeper, ZnodeValue } from './zookeeper.ts';
import { type Answer, ZooKeeperClient } from './zookeeper-client.ts';

export interface CoordinationOptions {
  readonly world: World;
  readonly network: Network;
  readonly zooKeeper: SimZooKeeper;
  readonly process: SimProcess;
  readonly sessionTimeoutMs: number;
  readonly handle: (event: ChainEvent) => void;
}

type Pending = { readonly change: DirectoryChange; state: 'due' | 'sent' | 'unknown' };

/**
 * Between one core and ZooKeeper, as the real adapter: reads the directory, watches it, carries out changes, and sends
 * heartbeats. One thing at a time but for the heartbeats, so what is read was read after the last change was over.
 */
export class Coordination {
  readonly #options: CoordinationOptions;
  readonly #client: ZooKeeperClient;
  #session: SessionId | undefined;
  #pending: Pending | undefined;
  #isBarrierDue = false;
  #isReadDue = false;
  #isBusy = false;
  #heartbeat: Timer | undefined;

  constructor(options: CoordinationOptions) {
    this.#options = options;
    this.#client = new ZooKeeperClient({
      ...options,
      onConnected: (session, { isNew }) => this.#onConnected(session, isNew),
      onEnded: (detail) => this.#onEnded(detail),
      onChanged: () => {
        this.#isReadDue = true;
        this.#work();
      },
    });
  }

  get session(): SessionId | undefined {
    return this.#session;
  }

  readDirectory(): void {
    this.#isBarrierDue = true;
    this.#work();
  }

  change(change: DirectoryChange): void {
    this.#pending = { change, state: 'due' };
    this.#work();
  }

  heartbeats(id: ServerId | undefined): void {
    if (this.#heartbeat !== undefined) this.#heartbeat.cancel();
    this.#heartbeat = undefined;
    if (id !== undefined) this.#beat(id);
  }

  close(): void {
    this.heartbeats(undefined);
    this.#client.close();
  }

  #onConnected(session: SessionId, isNew: boolean): void {
    this.#session = session;
    if (isNew) {
      const timeoutMs = this.#options.sessionTimeoutMs;
      this.#options.handle({ type: 'session-started', session, timeoutMs });
    }
    // The watches have gone with the old connection.
    this.#isReadDue = true;
    this.#work();
  }

  #onEnded(detail: string): void {
    this.#session = undefined;
    this.#pending = undefined;
    this.#isBarrierDue = false;
    this.#isReadDue = false;
    this.heartbeats(undefined);
    this.#options.handle({ type: 'session-ended', detail });
  }

  /** Does what is due next. */
  #work(): void {
    if (this.#isBusy || !this.#client.isConnected) return;
    const pending = this.#pending;
    if (pending?.state === 'due') {
      pending.state = 'sent';
      return this.#call({ type: 'write', write: { type: 'change', change: pending.change } }, (answer) => {
        if (answer.type === 'lost') pending.state = 'unknown';
        else this.#changeOver();
      });
    }
    // What is still under way of the old connection is refused once this one has written.
    if (this.#isBarrierDue || pending?.state === 'unknown') {
      return this.#call({ type: 'write', write: { type: 'barrier' } }, (answer) => {
        if (answer.type === 'lost') return;
        this.#isBarrierDue = false;
        this.#isReadDue = true;
        if (pending !== undefined && pending === this.#pending) this.#changeOver();
      });
    }
    if (this.#isReadDue) {
      this.#isReadDue = false;
      return this.#read();
    }
  }

  #changeOver(): void {
    this.#pending = undefined;
    this.#isReadDue = true;
    this.#options.handle({ type: 'change-over' });
  }

  /** Those who wait, then the view, then the record. */
  #read(): void {
    const session = this.#session;
    this.#readZnode('waiting', ({ waiting }) => {
      this.#readZnode('view', ({ view }) => {
        this.#readZnode('record', ({ record, recordVersion }) => {
          if (session !== this.#session) return;
          if (record !== undefined && record.view > view.version) {
            this.#isReadDue = true;
            return;
          }
          const directory = { waiting, view, record, recordVersion };
          this.#options.handle({ type: 'directory', directory });
        });
      });
    });
  }

  #readZnode<Name extends ZnodeValue['znode']>(
    znode: Name,
    use: (value: Extract<ZnodeValue, { znode: Name }>) => void,
  ): void {
    this.#call({ type: 'read', znode }, (answer) => {
      if (answer.type !== 'value') this.#isReadDue = true;
      else use(answer.value as Extract<ZnodeValue, { znode: Name }>);
    });
  }

  #call(call: Parameters<ZooKeeperClient['call']>[0], done: (answer: Answer) => void): void {
    this.#isBusy = true;
    const session = this.#session;
    this.#client.call(call, (answer) => {
      this.#isBusy = false;
      if (session === this.#session) done(answer);
      this.#work();
    });
  }

  #beat(id: ServerId): void {
    const { process, sessionTimeoutMs, handle } = this.#options;
    const session = this.#session;
    if (session === undefined) return;
    const sentAt = process.now();
    if (this.#client.isConnected) {
      this.#client.call({ type: 'write', write: { type: 'heartbeat', id } }, (answer) => {
        if (answer.type !== 'written' || !answer.isDone || session !== this.#session) return;
        handle({ type: 'heartbeat', session, sentAt });
      });
    }
    this.#heartbeat = process.after(sessionTimeoutMs / 8, () => this.#beat(id));
  }
}
