import type { HistoryRecorder } from '@tablelab/shared/linearizability';
import { headOf } from '../src/core/view.ts';
import type { ClientParts } from './client.ts';
import { textOf } from './history-tree.ts';
import { SimProcess } from './process.ts';
import type { ClientAnswer, ClientCall } from './server.ts';

export interface PlainClientPlan {
  readonly name: string;
  readonly writes: number;
  /** How long it waits before each, at most, in milliseconds. */
  readonly pauseMs: number;
  /** How long it waits for an answer, in milliseconds. */
  readonly deadlineMs: number;
  readonly keys: readonly string[];
}

/** Of ten of its writes this many are dels. */
const delsInTen = 2;

/**
 * A client of the original format (assignment part 2): its writes belong to no session, so it never repeats one. Each goes
 * over a connection of its own to whoever it takes for the head, and may have happened where no answer comes.
 */
export class SimPlainClient {
  readonly #parts: ClientParts;
  readonly #plan: PlainClientPlan;
  readonly #process: SimProcess;
  #left: number;

  constructor(parts: ClientParts, plan: PlainClientPlan) {
    this.#parts = parts;
    this.#plan = plan;
    this.#left = plan.writes;
    this.#process = new SimProcess(parts.world, { host: plan.name, clockRate: 1 });
    this.#next();
  }

  get isDone(): boolean {
    return this.#left === 0;
  }

  #next(): void {
    const { world } = this.#parts;
    if (!this.isDone) this.#process.after(world.between(0, this.#plan.pauseMs), () => this.#write());
  }

  #write(): void {
    const { world, recorder, newValue } = this.#parts;
    const { name } = this.#plan;
    const key = world.random.pick(this.#plan.keys);
    const isDel = world.random.int(10) < delsInTen;
    const data = isDel ? new Uint8Array(0) : newValue();
    const record = recorder.invoke(
      name,
      isDel ? { kind: 'del', key } : { kind: 'put', key, value: textOf(data) },
    );
    world.trace(`${name} ${isDel ? 'del' : 'put'} ${key}=${textOf(data)}`);
    const write = {
      op: isDel ? 'del' : 'put',
      key,
      data,
      client: '',
      request: 0,
      firstIncomplete: 0,
    } as const;
    this.#send({ token: 0, request: write }, (outcome) => {
      world.trace(`${name} ${outcome}`);
      recorder[outcome](record);
      this.#left -= 1;
      this.#next();
    });
  }

  /** `done` is called once, by the deadline. */
  #send(
    call: ClientCall,
    done: (outcome: keyof Pick<HistoryRecorder, 'ok' | 'mayHaveHappened' | 'didNotHappen'>) => void,
  ): void {
    const { world, network, zooKeeper, serverAt } = this.#parts;
    const { host } = this.#process;
    const address = zooKeeper.isUp ? headOf(zooKeeper.staleView())?.address : undefined;
    const server = address === undefined ? undefined : serverAt(address);
    if (server === undefined || network.isCut(host, server.address) || network.isCut(server.address, host)) {
      return done('didNotHappen');
    }
    const [near, far] = network.connect<unknown>(
      { host, process: this.#process },
      { host: server.address, process: server.process },
    );
    let isOver = false;
    const finish: typeof done = (outcome) => {
      if (isOver) return;
      isOver = true;
      near.close('the client is done');
      done(outcome);
    };
    near.receiving = {
      onMessage: (message) => {
        const { answer } = message as ClientAnswer;
        if (answer.type !== 'error') finish('ok');
        else finish(answer.mayHaveHappened ? 'mayHaveHappened' : 'didNotHappen');
      },
      onDown: () => finish('mayHaveHappened'),
    };
    this.#process.after(this.#plan.deadlineMs, () => finish('mayHaveHappened'));
    world.schedule(network.delayMs(host, server.address), () => {
      server.process.deliver(far, () => server.acceptClient(far));
      near.send(call);
    });
  }
}
