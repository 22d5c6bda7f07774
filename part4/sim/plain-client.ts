import { Ack, errorFromReply, type MessageFields, Opcode, requests } from '@tablelab/part2';
import type { HistoryRecorder } from '../linearizability/index.ts';
import { headOf } from '../src/core/view.ts';
import type { ClientParts } from './client.ts';
import { textOf } from './history-tree.ts';
import { MessageStream } from './message-stream.ts';
import { SimProcess } from './process.ts';

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
    if (!this.isDone) this.#process.schedule(world.between(0, this.#plan.pauseMs), () => this.#write());
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
    world.trace(() => `${name} ${isDel ? 'del' : 'put'} ${key}=${textOf(data)}`);
    this.#send(isDel ? requests.del(key) : requests.put(key, data), (outcome) => {
      world.trace(() => `${name} ${outcome}`);
      recorder[outcome](record);
      this.#left -= 1;
      this.#next();
    });
  }

  /** `done` is called once, by the deadline. */
  #send(
    request: MessageFields,
    done: (outcome: keyof Pick<HistoryRecorder, 'ok' | 'mayHaveHappened' | 'didNotHappen'>) => void,
  ): void {
    const { network, zooKeeper } = this.#parts;
    const address = zooKeeper.isUp ? headOf(zooKeeper.staleChain().view)?.address : undefined;
    if (address === undefined) return done('didNotHappen');
    let isSent = false;
    let isOver = false;
    const finish: typeof done = (outcome) => {
      if (isOver) return;
      isOver = true;
      stream.close();
      done(outcome);
    };
    const lost = () => finish(isSent ? 'mayHaveHappened' : 'didNotHappen');
    const stream = new MessageStream(network, this.#process, address, {
      opened: () => {
        isSent = true;
        // It gets its answer when all servers have executed the write, as far as it knows how to ask for that.
        stream.send({ ...request, ack: Ack.COMMITTED });
      },
      reply: (message) => {
        if (message.opcode !== Opcode.OP_ERROR) finish('ok');
        else finish(errorFromReply(message).mayHaveHappened ? 'mayHaveHappened' : 'didNotHappen');
      },
      closed: lost,
    });
    this.#process.schedule(this.#plan.deadlineMs, lost);
  }
}
