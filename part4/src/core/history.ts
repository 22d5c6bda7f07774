import { assert } from '@tablelab/shared';
import { EpochTable } from './epoch-table.ts';
import type { ChainId } from './membership-record.ts';
import type { ChainMessage } from './messages.ts';
import { type SessionLimits, Sessions } from './sessions.ts';
import type { Epoch, Update, WriteName } from './update.ts';
import { type LogWindow, UpdateLog } from './update-log.ts';

export type Snapshot = Extract<ChainMessage, { type: 'snapshot' }>;

/**
 * What a server has of the chain's history, but for the table: the log's end, who numbered what, and the sessions.
 *
 * Invariant: `log.start <= stable <= executed <= received`.
 */
export class History {
  readonly #limits: LogWindow & SessionLimits;
  /** Undefined as long as there is none: the server is new, and belongs to no chain yet. */
  chain: ChainId | undefined;
  /** False while it is being copied from another server. */
  isWhole = true;
  #log: UpdateLog;
  #epochs: EpochTable;
  #sessions: Sessions;
  /** The sessions hold what the updates below it have made of them. */
  #sessionsSeq = 0;
  #executed = 0;

  constructor(limits: LogWindow & SessionLimits) {
    this.#limits = limits;
    this.#log = new UpdateLog(limits);
    this.#epochs = new EpochTable();
    this.#sessions = new Sessions(limits);
  }

  /** Begins anew with another chain, which has no history yet. */
  reset(chain: ChainId): void {
    this.copy(chain, { seq: 0, epochs: [], sessions: [], sessionsSeq: 0 });
    this.isWhole = true;
  }

  /** Begins anew with what a snapshot says; its entries and the updates from there on make it whole. */
  copy(chain: ChainId, { seq, epochs, sessions, sessionsSeq }: Omit<Snapshot, 'type'>): void {
    this.chain = chain;
    this.isWhole = false;
    this.#log = new UpdateLog(this.#limits, seq);
    this.#epochs = new EpochTable(epochs);
    this.#sessions = new Sessions(this.#limits, sessions);
    this.#sessionsSeq = sessionsSeq;
    this.#executed = seq;
  }

  get log(): UpdateLog {
    return this.#log;
  }

  get sessions(): Sessions {
    return this.#sessions;
  }

  /** The sequence number that the next update gets. */
  get received(): number {
    return this.#log.end;
  }

  /** Every update below it has been executed here. */
  get executed(): number {
    return this.#executed;
  }

  /** Every update below it is known to have been executed by the whole chain. */
  get stable(): number {
    return this.#log.settled;
  }

  get lastEpoch(): Epoch | undefined {
    return this.#epochs.last;
  }

  /** The epoch of update `seq`; see {@link EpochTable.epochOf}. */
  epochOf(seq: number): Epoch | undefined {
    return this.#epochs.epochOf(seq);
  }

  append(update: Update): void {
    this.#log.append(update);
    this.#epochs.add(update);
    if (update.seq < this.#sessionsSeq) return;
    this.#sessions.apply(update, update.op === 'open' ? this.clientOpenedBy(update) : undefined);
  }

  onExecuted(executed: number): void {
    assert(
      executed >= this.#executed && executed <= this.received,
      `executed ${executed} of ${this.received}`,
    );
    this.#executed = executed;
  }

  settle(stable: number): void {
    assert(stable <= this.#executed, `stable ${stable} is executed, of ${this.#executed}`);
    this.#log.settle(stable);
  }

  /** What a new server needs beside the entries: as of what has been executed here. */
  snapshot(): Snapshot {
    return {
      type: 'snapshot',
      seq: this.#executed,
      epochs: this.#epochs.starts.filter(({ seq }) => seq < this.#executed),
      sessions: this.#sessions.records,
      sessionsSeq: this.received,
    };
  }

  /**
   * What the session is called that the write `name` has opened: 6 digits of the chain's name, 10 of the write's place.
   * The place makes it unique in this chain; the chain's digits keep clients of a chain that was lost out of this one.
   */
  clientOpenedBy({ seq }: WriteName): string {
    assert(this.chain !== undefined, 'whoever has a write has a chain');
    return this.chain.slice(0, 6) + seq.toString(16).padStart(10, '0');
  }

  /**
   * What became of the write `name` as far as this server, the tail, knows: executed, still to come, or lost for
   * ever because another head's write has its place (assignment part 4, `verify`). A name without an epoch is the
   * original format's: it asks about the place alone.
   */
  verify(name: { seq: number; epoch: number | undefined }): 'executed' | 'pending' | 'lost' {
    const owner = this.epochOf(name.seq);
    if (name.epoch !== undefined) {
      // Beyond the end the newest epoch owns every place until a newer one begins, which may be the one asked about.
      const settled = name.seq < this.received || (owner !== undefined && owner > name.epoch);
      if (settled && owner !== name.epoch) return 'lost';
    }
    return name.seq < this.#executed ? 'executed' : 'pending';
  }
}
