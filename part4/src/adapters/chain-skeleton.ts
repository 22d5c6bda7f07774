import { checkKey, type KeyValueTable } from '@tablelab/part1';
import { Skeleton } from '@tablelab/part2/skeleton';
import {
  Ack,
  ContentType,
  errorReply,
  type Message,
  Opcode,
  operationOf,
  outcomeNumber,
  type Reply,
  unknownOpcode,
} from '@tablelab/part2/wire';
import type { RequestSource } from '@tablelab/part3';
import { Deferred } from '@tablelab/part3/deferred';
import { KeyLister } from '@tablelab/part3/key-lister';
import { TableError, unreachable } from '@tablelab/shared';
import { isConditional } from '../core/condition.ts';
import type { WriteReply } from '../core/effects.ts';
import type { WriteName, WriteRequest } from '../core/update.ts';
import { DumpPages } from '../dump/dump-pages.ts';
import type { Clock, Randomness } from '../ports.ts';
import type { OperationTimes } from '../status/operation-times.ts';
import { type ServerStatus, statusOf, statusReply } from '../status/server-status.ts';
import { nameFields, nameOf } from '../write-name.ts';
import type { CoreDriver } from './core-driver.ts';
import { AddressQuotas, addressOpens, connectionOpens, OpenQuota } from './open-quota.ts';
import { ValueSlabs } from './value-slabs.ts';

const noData = new Uint8Array(0);

/** May also be empty: writes of the original format, which are executed each time they arrive. */
const clientPattern = /^[0-9a-f]{32}$/;

/** The length of the name of a client session. */
const clientDigits = 32;

/**
 * The skeleton of a server in a chain (assignment part 4): writes only at the head, reads only at the tail; any other
 * server tells the client which one to ask.
 */
export class ChainSkeleton {
  readonly #driver: CoreDriver;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #randomness: Pick<Randomness, 'hex'>;
  readonly #values = new ValueSlabs();
  /** For connections that have opened a session. */
  readonly #quotas = new WeakMap<object, OpenQuota>();
  readonly #addressQuotas = new AddressQuotas();
  readonly #lister: KeyLister;
  readonly #dump: DumpPages;
  readonly #startedAt: number;
  readonly #times: OperationTimes | undefined;
  /** The table, and part 2's skeleton that reads it. A server that starts over gets a new table. */
  #reads: { readonly table: KeyValueTable; readonly skeleton: Skeleton } | undefined;

  /** `clock`: the driver's. */
  constructor(parts: {
    readonly driver: CoreDriver;
    readonly clock: Pick<Clock, 'now' | 'soon'>;
    readonly randomness: Pick<Randomness, 'hex'>;
    readonly times?: OperationTimes | undefined;
  }) {
    this.#times = parts.times;
    this.#driver = parts.driver;
    this.#clock = parts.clock;
    this.#randomness = parts.randomness;
    this.#dump = new DumpPages(parts.driver, parts.randomness);
    this.#startedAt = parts.clock.now();
    this.#lister = new KeyLister({
      scan: (from) => this.#readable().scan({ prefix: '', from, keysMax: Number.POSITIVE_INFINITY }),
      keysBytes: () => this.#driver.keysBytes,
      soon: (run) => parts.clock.soon(run),
    });
  }

  /**
   * Answers a request; never throws or rejects. Only a write is answered later. `connection`: the same object for all
   * requests of one connection.
   */
  invoke(request: Message, connection: RequestSource): Reply | Deferred<Reply> {
    try {
      const { name, task, access } = operationOf(request);
      if (task !== undefined) return this.#write(request, task);
      if (name === 'open') return this.#open(request, connection);
      if (name === 'verify') return this.#verify(request);
      if (name === 'getKeys') return this.#listKeys();
      if (name === 'dump') return this.#dump.page(this.#readable(), request);
      if (name === 'status') return statusReply(this.#status());
      if (access === 'read') return this.#read(request);
      throw unknownOpcode(request.opcode);
    } catch (error) {
      return this.#errorReply(error);
    }
  }

  /** Names the server that is to be asked, if it is another one. */
  #errorReply(error: unknown): Reply {
    const server = error instanceof TableError ? this.#driver.core.serverFor(error.code) : undefined;
    return server === undefined ? errorReply(error) : { ...errorReply(error), server };
  }

  #open(request: Message, connection: RequestSource): Reply | Deferred<Reply> {
    const now = this.#clock.now();
    const quota = this.#quotas.get(connection) ?? new OpenQuota(connectionOpens);
    this.#quotas.set(connection, quota);
    if (!quota.take(now)) throw tooManyOpens('a connection', connectionOpens);
    const { address = '' } = connection;
    if (!this.#addressQuotas.take(address, now)) {
      quota.giveBack();
      throw tooManyOpens('an address', addressOpens);
    }
    const reply = this.#write(request, 'open');
    if (!(reply instanceof Deferred) && reply.opcode === Opcode.OP_ERROR) {
      quota.giveBack();
      this.#addressQuotas.giveBack(address);
    }
    return reply;
  }

  #write(request: Message, op: WriteRequest['op']): Reply | Deferred<Reply> {
    const reply = this.#driver.write(
      this.#writeIn(request, op),
      request.ack === Ack.COMMITTED ? 'committed' : 'assigned',
    );
    const { opcode } = request;
    const says = isConditional({ op });
    return reply instanceof Deferred
      ? reply.map((later) => this.#replyTo(opcode, says, later))
      : this.#replyTo(opcode, says, reply);
  }

  /** @throws TableError BAD_REQUEST for a malformed request */
  #writeIn(request: Message, op: WriteRequest['op']): WriteRequest {
    const { key, client, request: number, first_incomplete: firstIncomplete } = request;
    if (client !== '' && !clientPattern.test(client)) {
      throw new TableError('BAD_REQUEST', 'the name of a client session is empty or 32 hexadecimal digits');
    }
    if (op === 'open') {
      if (client !== '')
        throw new TableError('BAD_REQUEST', 'OP_OPEN must have an empty client: it begins a session');
      return {
        client: this.#randomness.hex(clientDigits),
        request: 0,
        firstIncomplete: 0,
        op,
        key: '',
        data: noData,
        expected: undefined,
      };
    }
    checkKey(key);
    if (client !== '' && (number < 1 || firstIncomplete > number)) {
      const text = `request ${number} must be at least 1, and not below first_incomplete ${firstIncomplete}`;
      throw new TableError('BAD_REQUEST', text);
    }
    // The log keeps the value longer than the connection keeps the bytes it was read from.
    const data = op === 'del' ? noData : this.#values.copy(request.data);
    const expected = op === 'putIfEquals' ? this.#values.copy(request.expected) : undefined;
    if (client === '') return { client, request: 0, firstIncomplete: 0, op, key, data, expected };
    return { client, request: number, firstIncomplete, op, key, data, expected };
  }

  #verify(request: Message): Reply {
    this.#checkRead();
    const { epoch, number } = nameOf(request);
    const outcome = this.#driver.core.verify({ epoch, number });
    if (outcome === 'lost') {
      const name = epoch === undefined ? number : `${epoch}:${number}`;
      throw new TableError('LOST', `operation ${name} will never be executed: another write has its place`);
    }
    const result = outcome === 'executed' ? 1 : 0;
    const found = outcomeNumber(this.#driver.core.outcomeOf({ epoch, number }));
    return { opcode: Opcode.OP_VERIFY + 1, c_type: ContentType.CT_RESULT, result, outcome: found };
  }

  /** The lease is checked in the same turn as the read. */
  #read(request: Message): Reply {
    const table = this.#readable();
    if (this.#reads?.table !== table) this.#reads = { table, skeleton: new Skeleton(table) };
    return this.#reads.skeleton.execute(request);
  }

  /** Each step of it is a read of its own: a server that is the tail no longer ends it. */
  #listKeys(): Reply | Deferred<Reply> {
    this.#checkRead();
    return this.#lister.list();
  }

  #status(): ServerStatus {
    return statusOf(this.#driver, {
      now: this.#clock.now(),
      startedAt: this.#startedAt,
      times: this.#times,
    });
  }

  #readable(): KeyValueTable {
    this.#checkRead();
    const { table } = this.#driver;
    if (table === undefined) throw new TableError('NOT_READY', 'this server’s empty table is being made');
    return table;
  }

  #checkRead(): void {
    const refusal = this.#driver.readRefusal();
    if (refusal !== undefined) throw new TableError(refusal.code, refusal.detail);
  }

  /** `says`: whether the reply says if the write was applied. */
  #replyTo(opcode: number, says: boolean, reply: WriteReply): Reply {
    switch (reply.type) {
      case 'assigned':
        return { opcode: opcode + 1, ...this.#nameFields(reply.name), ...outcomeIn(reply, says) };
      case 'committed':
        return {
          opcode: opcode + 1,
          ...this.#nameFields(reply.name),
          ...outcomeIn(reply, says),
          client: reply.client,
        };
      case 'refused':
        return this.#errorReply(new TableError(reply.code, reply.detail));
      case 'unknown':
        return errorReply(new TableError('UNCERTAIN', reply.detail));
      default:
        return unreachable(reply);
    }
  }

  #nameFields(name: WriteName): ReturnType<typeof nameFields> {
    return nameFields({ epoch: name.epoch, number: this.#driver.core.operationNumber(name) });
  }
}

function outcomeIn({ isApplied }: { isApplied: boolean }, says: boolean): { outcome: number } {
  return { outcome: outcomeNumber(says ? isApplied : undefined) };
}

function tooManyOpens(who: string, { atOnceMax, everyMs }: typeof connectionOpens): TableError {
  return new TableError(
    'BUSY',
    `${who} may open ${atOnceMax} sessions at once, and then one every ${everyMs} ms, and fewer when many are opened`,
  );
}
