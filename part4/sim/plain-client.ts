import {
  Ack,
  ContentType,
  ErrorNumber,
  errorFromReply,
  isAppliedIn,
  type Message,
  type MessageFields,
  Opcode,
  requests,
} from '@tablelab/part2/wire';
import type { HistoryRecorder } from '../linearizability/index.ts';
import { headOf, tailOf } from '../src/core/view.ts';
import { nameFields, nameOf } from '../src/write-name.ts';
import type { ClientParts } from './client.ts';
import { rule, textOf } from './history-tree.ts';
import { MessageStream } from './message-stream.ts';
import { SimProcess } from './process.ts';

export interface PlainClientPlan {
  readonly name: string;
  readonly writes: number;
  /** The longest pause before each write, in milliseconds. */
  readonly pauseMs: number;
  /** How long it waits for an answer, in milliseconds. */
  readonly deadlineMs: number;
  readonly keys: readonly string[];
  /** The answer that it requests: once the write has its name, or once all servers have executed it. */
  readonly ack: 'assigned' | 'committed';
}

/** This many of ten writes are dels, and puts on condition. */
const delsInTen = 2;
const conditionsInTen = 2;

/** How long an ASSIGNED client asks for the outcome of a write, and the interval, in milliseconds. */
const verifyForMs = 3_000;
const verifyEveryMs = { min: 5, max: 60 };

/** The outcome of a write. */
type Outcome = keyof Pick<HistoryRecorder, 'ok' | 'mayHaveHappened' | 'didNotHappen'>;

type Name = ReturnType<typeof nameOf>;

/**
 * A client of the original format (assignment part 2): its writes belong to no client session, so it never repeats one.
 * It sends each over a separate connection to the presumed head. A write without an answer may have happened.
 *
 * An ASSIGNED client gets only the name of its write, and asks the tail by that name whether the write has been
 * executed. If the head dies, such a write may be lost; the tail then answers LOST.
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
    const { name, ack } = this.#plan;
    const key = world.random.pick(this.#plan.keys);
    const choice = world.random.int(10);
    const kind = choice < delsInTen ? 'del' : choice < delsInTen + conditionsInTen ? 'put-if-absent' : 'put';
    const data = kind === 'del' ? new Uint8Array(0) : newValue();
    const record = recorder.invoke(name, kind === 'del' ? { kind, key } : { kind, key, value: textOf(data) });
    world.trace(() => `${name} ${kind} ${key}=${textOf(data)}`);
    // In the reply, also where the write is only numbered: it holds if the write is executed.
    let isApplied: boolean | undefined;
    const done = (outcome: Outcome) => {
      world.trace(() => `${name} ${outcome}`);
      if (outcome === 'ok') recorder.ok(record, isApplied);
      else recorder[outcome](record);
      this.#left -= 1;
      this.#next();
    };
    const request =
      kind === 'del'
        ? requests.del(key)
        : kind === 'put'
          ? requests.put(key, data)
          : requests.putIfAbsent(key, data);
    const isCommitted = ack === 'committed';
    this.#ask('head', { ...request, ack: isCommitted ? Ack.COMMITTED : Ack.ASSIGNED }, (reply) => {
      if (reply === 'lost') return done('mayHaveHappened');
      if (reply === 'unsent') return done('didNotHappen');
      if (reply.opcode === Opcode.OP_ERROR) {
        return done(errorFromReply(reply).mayHaveHappened ? 'mayHaveHappened' : 'didNotHappen');
      }
      isApplied = isAppliedIn(reply);
      rule((isApplied === undefined) === (kind === 'put'), () => `a ${kind} is answered with ${isApplied}`);
      if (isCommitted) {
        world.count('writes without a session');
        return done('ok');
      }
      world.count('assigned writes');
      const name = nameOf(reply);
      // A program of the original assignment knows only the number.
      const asked = world.oneIn(2) ? { ...name, epoch: undefined } : name;
      this.#verify(asked, this.#process.now() + verifyForMs, done);
    });
  }

  #verify(name: Name, deadline: number, done: (outcome: Outcome) => void): void {
    const { world } = this.#parts;
    if (this.#process.now() > deadline) return done('mayHaveHappened');
    this.#process.schedule(world.between(verifyEveryMs.min, verifyEveryMs.max), () => {
      const request = { opcode: Opcode.OP_VERIFY, ...nameFields(name) };
      this.#ask('tail', request, (reply) => {
        if (typeof reply !== 'string' && reply.error === ErrorNumber.LOST) {
          world.count('lost writes');
          return done('didNotHappen');
        }
        const isAnswer = typeof reply !== 'string' && reply.opcode !== Opcode.OP_ERROR;
        if (!isAnswer) return this.#verify(name, deadline, done);
        rule(reply.c_type === ContentType.CT_RESULT, () => 'a verify is answered by a number');
        if (reply.result === 1) return done('ok');
        this.#verify(name, deadline, done);
      });
    });
  }

  /** `done` is called once, by the deadline. */
  #ask(
    role: 'head' | 'tail',
    request: MessageFields,
    done: (reply: Message | 'lost' | 'unsent') => void,
  ): void {
    const { network, zooKeeper } = this.#parts;
    const { view } = zooKeeper.staleChain();
    const address = (role === 'head' ? headOf(view) : tailOf(view))?.address;
    if (address === undefined || !zooKeeper.isUp) return done('unsent');
    let isSent = false;
    let isOver = false;
    const finish = (reply: Message | 'lost' | 'unsent') => {
      if (isOver) return;
      isOver = true;
      stream.close();
      done(reply);
    };
    const giveUp = () => finish(isSent ? 'lost' : 'unsent');
    const stream = new MessageStream(network, this.#process, address, {
      opened: () => {
        isSent = true;
        stream.send(request);
      },
      reply: finish,
      closed: giveUp,
    });
    this.#process.schedule(this.#plan.deadlineMs, giveUp);
  }
}
