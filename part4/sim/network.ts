import type { SimProcess } from './process.ts';
import type { World } from './world.ts';

/** What an end of a connection does with what comes in. */
export interface Receiving<Message> {
  readonly onMessage: (message: Message) => void;
  /** The connection is gone; nothing follows. Not called at the end that has closed it. */
  readonly onDown: (detail: string) => void;
}

type Item<Message> = { isLost: boolean } & (
  | { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'down'; readonly detail: string }
);

/** One end of a connection, as whoever holds it sees it. */
export class End<Message> {
  readonly host: string;
  /** Undefined: always there, and never frozen. */
  readonly process: SimProcess | undefined;
  peer!: End<Message>;
  isOpen = true;
  receiving: Receiving<Message> | undefined;
  /** On their way to this end, in order. */
  readonly incoming: Item<Message>[] = [];
  /** When the last of them comes in, at the earliest. */
  lastAt = 0;
  isStalled = false;
  readonly #network: Network;

  constructor(network: Network, { host, process }: Place) {
    this.#network = network;
    this.host = host;
    this.process = process;
  }

  send(message: Message): void {
    if (this.isOpen) this.#network.carry(this.peer, { type: 'message', message, isLost: false });
  }

  /** Closes the connection once what was sent has left. */
  close(detail: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#network.carry(this.peer, { type: 'down', detail, isLost: false });
  }

  /** This end finds, by itself, that the connection is gone; of what it had sent, a part from some point on is lost. */
  break(detail: string): void {
    if (!this.isOpen) return;
    this.#network.loseSome(this.peer);
    this.close(detail);
    const { receiving } = this;
    if (this.process === undefined) receiving?.onDown(detail);
    else this.process.deliver(this, () => receiving?.onDown(detail));
  }
}

export interface Place {
  readonly host: string;
  readonly process: SimProcess | undefined;
}

/**
 * Connections between machines. A connection keeps the order and loses nothing as long as it lives. A cut from one
 * machine to another holds up all that goes that way until it is mended, as TCP does, or until an end gives up.
 */
export class Network {
  readonly #world: World;
  /** `from>to` */
  readonly #cuts = new Map<string, number>();
  /** How much slower than usual it is, by `from>to`. */
  readonly #slowness = new Map<string, number>();
  readonly #ends = new Set<End<unknown>>();
  /** The delay of every message, in milliseconds, instead of a random one. */
  readonly fixedDelayMs: number | undefined;

  constructor(world: World, options: { readonly fixedDelayMs?: number } = {}) {
    this.#world = world;
    this.fixedDelayMs = options.fixedDelayMs;
  }

  connect<Message>(from: Place, to: Place): [End<Message>, End<Message>] {
    const one = new End<Message>(this, from);
    const other = new End<Message>(this, to);
    one.peer = other;
    other.peer = one;
    this.#ends.add(one as End<unknown>).add(other as End<unknown>);
    return [one, other];
  }

  isCut(from: string, to: string): boolean {
    return this.#cuts.has(`${from}>${to}`);
  }

  cut(from: string, to: string): void {
    const way = `${from}>${to}`;
    this.#cuts.set(way, (this.#cuts.get(way) ?? 0) + 1);
  }

  mend(from: string, to: string): void {
    const way = `${from}>${to}`;
    const count = this.#cuts.get(way) ?? 0;
    if (count > 1) this.#cuts.set(way, count - 1);
    else if (this.#cuts.delete(way)) this.#resume();
  }

  mendAll(): void {
    this.#cuts.clear();
    this.#slowness.clear();
    this.#resume();
  }

  slow(from: string, to: string, factor: number): void {
    if (factor === 1) this.#slowness.delete(`${from}>${to}`);
    else this.#slowness.set(`${from}>${to}`, factor);
  }

  /** The open connections between two machines; one end of each, the one at `from`. */
  between(from: string, to: string): End<unknown>[] {
    return [...this.#ends].filter((end) => end.host === from && end.peer.host === to && end.isOpen);
  }

  /** The open ends at a machine. */
  at(host: string): End<unknown>[] {
    return [...this.#ends].filter((end) => end.host === host && end.isOpen);
  }

  /** The process at these ends is gone: the others find out, over the network. */
  abandon(process: SimProcess): void {
    for (const end of this.#ends) {
      if (end.process !== process) continue;
      this.loseSome(end.peer);
      end.close('the process is gone');
    }
  }

  /** How long something takes from one machine to another, in milliseconds. */
  delayMs(from: string, to: string): number {
    if (this.fixedDelayMs !== undefined) return this.fixedDelayMs;
    const base = this.#world.oneIn(30) ? this.#world.between(3, 30) : this.#world.between(0.1, 3);
    return base * (this.#slowness.get(`${from}>${to}`) ?? 1);
  }

  /** Of what is on its way to `end`, everything from some point on is lost. */
  loseSome<Message>(end: End<Message>): void {
    const { incoming } = end;
    if (incoming.length === 0) return;
    const kept = this.#world.random.int(incoming.length + 1);
    for (const item of incoming.slice(kept)) item.isLost = true;
  }

  carry<Message>(to: End<Message>, item: Item<Message>): void {
    if (item.type === 'down') this.#ends.delete(to.peer as End<unknown>);
    to.incoming.push(item);
    if (!to.isStalled) this.#plan(to);
  }

  #plan<Message>(to: End<Message>): void {
    const at = Math.max(to.lastAt, this.#world.now + this.delayMs(to.peer.host, to.host));
    to.lastAt = at;
    this.#world.schedule(at - this.#world.now, () => this.#arrive(to));
  }

  #arrive<Message>(to: End<Message>): void {
    if (to.isStalled) return;
    if (this.isCut(to.peer.host, to.host)) {
      to.isStalled = true;
      return;
    }
    const item = to.incoming.shift();
    if (item === undefined || item.isLost) return;
    if (item.type === 'down') this.#ends.delete(to as End<unknown>);
    const receive = () => {
      if (!to.isOpen) return;
      if (item.type === 'message') return to.receiving?.onMessage(item.message);
      to.isOpen = false;
      to.receiving?.onDown(item.detail);
    };
    if (to.process === undefined) receive();
    else to.process.deliver(to, receive);
  }

  /** What a cut has held up goes on. */
  #resume(): void {
    for (const end of this.#ends) {
      if (!end.isStalled || this.isCut(end.peer.host, end.host)) continue;
      end.isStalled = false;
      for (const _ of end.incoming) this.#plan(end);
    }
  }
}
