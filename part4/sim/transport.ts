import { assert, must } from '@tablelab/shared';
import type { AcceptedConnection, Connection, ConnectionListener, Transport } from '../src/ports.ts';
import type { SimProcess } from './process.ts';
import type { World } from './world.ts';

/** The location of one end of a connection. */
interface Place {
  readonly host: string;
  readonly process: SimProcess;
}

type Content =
  /** `bytes`: what has not arrived yet of `sent`, which was written at once. */
  | { readonly type: 'bytes'; readonly bytes: Uint8Array; readonly sent: Uint8Array }
  | { readonly type: 'object'; readonly object: unknown }
  | { readonly type: 'closed'; readonly detail: string };

/** An item on its way to an end: bytes, an object, or the close of the other end. */
export type Item = Content & {
  /** Items are numbered in the order in which they were sent, in the whole network. */
  readonly number: number;
  isLost: boolean;
  /** It does not arrive before this time. */
  heldUntil: number;
};

/** An item on its way, seen from outside. */
export interface InFlight {
  readonly from: string;
  readonly to: string;
  readonly item: Item;
  /** The end to which it is on its way. */
  readonly end: StreamEnd;
}

/** ZooKeeper's protocol is not simulated byte by byte: its clients and servers exchange objects. */
export interface ObjectListener extends ConnectionListener {
  receivedObject(object: unknown): void;
}

/** How long a dial over a cut path takes to fail, in milliseconds; some hang until the caller gives up. */
const unreachableMs = { min: 50, max: 300 };
const redialMs = { min: 200, max: 1_000 };

/** The limit of bytes under way to one end. Senders stay far below it, even if the receiver stops reading. */
const bytesUnderWayMax = 4 << 20;

/** One end of a connection between two processes. */
export class StreamEnd implements Connection, AcceptedConnection {
  readonly host: string;
  readonly process: SimProcess;
  readonly #network: Network;
  peer!: StreamEnd;
  isOpen = true;
  /** Nothing arrives, because the path is cut. */
  isStalled = false;
  /** Items on their way to this end, in order. */
  readonly incoming: Item[] = [];
  bytesUnderWay = 0;
  /** The earliest arrival time of the last of them. */
  lastAt = 0;
  /** The number of the next arrivals whose items are there already. */
  arrivedEarly = 0;
  #listener: ConnectionListener | ObjectListener | undefined;
  /** Items that arrived before there was a listener. */
  readonly #early: Content[] = [];

  constructor(network: Network, { host, process }: Place) {
    this.#network = network;
    this.host = host;
    this.process = process;
  }

  listen(listener: ConnectionListener | ObjectListener): Connection {
    this.#listener = listener;
    if (this.#early.length > 0) this.process.schedule(0, () => this.#takeEarly());
    return this;
  }

  write(bytes: Uint8Array): void {
    if (!this.isOpen || !this.process.isAlive) return;
    this.#network.carry(this.peer, { type: 'bytes', bytes, sent: bytes });
  }

  writeObject(object: unknown): void {
    if (!this.isOpen || !this.process.isAlive) return;
    this.#network.carry(this.peer, { type: 'object', object });
  }

  end(): void {
    if (this.process.isAlive) this.close('the other side has closed it');
  }

  destroy(detail: string): void {
    if (!this.isOpen || !this.process.isAlive) return;
    this.#network.loseSome(this.peer);
    this.close(detail);
  }

  /** Closes this end; the other end notices it after all sent items that are not lost. */
  close(detail: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#network.carry(this.peer, { type: 'closed', detail });
  }

  /** This end finds the connection broken; everything that it sent after some point is lost. */
  break(detail: string): void {
    if (!this.isOpen) return;
    this.#network.loseSome(this.peer);
    this.#broken(detail);
  }

  /** This end finds the connection broken, and everything is lost that is on its way from here, from `index` on. */
  breakFrom(index: number, detail: string): void {
    for (const item of this.peer.incoming.slice(index)) if (item.type !== 'closed') item.isLost = true;
    if (this.isOpen) this.#broken(detail);
  }

  #broken(detail: string): void {
    this.close(detail);
    const listener = this.#listener;
    this.process.deliver(this, () => listener?.closed(detail));
  }

  /** Handles an item that has arrived. */
  take(item: Content): void {
    if (!this.isOpen) return;
    if (this.#listener === undefined || this.#early.length > 0) {
      this.#early.push(item);
    } else if (item.type === 'bytes') {
      this.#listener.received(item.bytes);
    } else if (item.type === 'object') {
      if ('receivedObject' in this.#listener) this.#listener.receivedObject(item.object);
    } else {
      this.isOpen = false;
      this.#listener.closed(item.detail);
    }
  }

  #takeEarly(): void {
    for (const item of this.#early.splice(0)) this.take(item);
  }
}

/** A dialled connection, both before and after it is established. */
export class Dial implements Connection {
  readonly listener: ConnectionListener | ObjectListener;
  isOver = false;
  #end: StreamEnd | undefined;

  constructor(listener: ConnectionListener | ObjectListener) {
    this.listener = listener;
  }

  opened(end: StreamEnd): void {
    this.#end = end;
    this.listener.opened();
    end.listen(this.listener);
  }

  write(bytes: Uint8Array): void {
    must(this.#end, 'nothing is written before the connection is up').write(bytes);
  }

  writeObject(object: unknown): void {
    must(this.#end, 'nothing is written before the connection is up').writeObject(object);
  }

  end(): void {
    this.isOver = true;
    this.#end?.end();
  }

  destroy(detail: string): void {
    this.isOver = true;
    this.#end?.destroy(detail);
  }
}

/**
 * Connections between processes: streams of bytes that arrive in order, in pieces of any size, and without loss while
 * the connection is open. A cut path delays everything until it is restored, as with TCP, or until an end gives up.
 */
export class Network {
  readonly #world: World;
  /** The number of cuts of each path, by `from>to`. */
  readonly #cuts = new Map<string, number>();
  /** The slowness of each path, by `from>to`. */
  readonly #slowness = new Map<string, number>();
  readonly #ends = new Set<StreamEnd>();
  readonly #listeners = new Map<string, { process: SimProcess; accept: (end: StreamEnd) => void }>();
  /** A fixed delay of every piece, in milliseconds, instead of a random one. */
  readonly #fixedDelayMs: number | undefined;
  #items = 0;

  constructor(world: World, options: { readonly fixedDelayMs?: number } = {}) {
    this.#world = world;
    this.#fixedDelayMs = options.fixedDelayMs;
  }

  /** Accepts connections to `address`, `host:port`, until the process is killed. */
  listen(address: string, process: SimProcess, accept: (end: StreamEnd) => void): void {
    this.#listeners.set(address, { process, accept });
  }

  transportOf(process: SimProcess): Transport {
    return { dial: (address, listener) => this.dial(process, address, listener) };
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

  /** Ends all cuts of a path. */
  heal(from: string, to: string): void {
    if (this.#cuts.delete(`${from}>${to}`)) this.#resume();
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

  /** The ends at `from` of the open connections between two machines. */
  between(from: string, to: string): StreamEnd[] {
    return [...this.#ends].filter((end) => end.host === from && end.peer.host === to && end.isOpen);
  }

  /** The open ends at a machine. */
  at(host: string): StreamEnd[] {
    return [...this.#ends].filter((end) => end.host === host && end.isOpen);
  }

  /** All that is under way; an item is one object from its departure to its arrival. */
  *underWay(): Generator<InFlight> {
    for (const end of this.#ends) {
      for (const item of end.incoming) yield { from: end.peer.host, to: end.host, item, end };
    }
  }

  /** An item arrives now, after those that were sent before it over the same connection. */
  deliver({ end, item }: InFlight): void {
    const count = end.incoming.indexOf(item) + 1;
    for (let i = 0; i < count; i += 1) this.#deliverFirst(end, (bytes) => bytes);
    end.arrivedEarly += count;
  }

  /** An item does not arrive for `delayMs`, nor does anything that was sent after it over the same connection. */
  hold({ item }: InFlight, delayMs: number): void {
    item.heldUntil = this.#world.now + delayMs;
  }

  /** An item is lost, and so the connection breaks: a stream goes on with nothing that was sent after it. */
  drop({ end, item }: InFlight): void {
    end.peer.breakFrom(end.incoming.indexOf(item), 'a message was lost');
  }

  /** The process is gone: the other ends find out over the network. */
  abandon(process: SimProcess): void {
    for (const [address, listener] of this.#listeners) {
      if (listener.process === process) this.#listeners.delete(address);
    }
    for (const end of this.#ends) {
      if (end.process !== process) continue;
      this.loseSome(end.peer);
      end.close('the process is gone');
    }
  }

  /** The delay from one machine to another, in milliseconds. */
  delayMs(from: string, to: string): number {
    if (this.#fixedDelayMs !== undefined) return this.#fixedDelayMs;
    const base = this.#world.oneIn(30) ? this.#world.between(3, 30) : this.#world.between(0.1, 3);
    return base * (this.#slowness.size === 0 ? 1 : (this.#slowness.get(`${from}>${to}`) ?? 1));
  }

  /** Loses all items on their way to `end` after some point. */
  loseSome({ incoming }: StreamEnd): void {
    if (incoming.length === 0) return;
    const kept = this.#world.random.int(incoming.length + 1);
    for (let index = kept; index < incoming.length; index += 1) {
      must(incoming[index], 'in range').isLost = true;
    }
  }

  carry(to: StreamEnd, content: Content): void {
    const item: Item = { ...content, number: this.#items, isLost: false, heldUntil: 0 };
    this.#items += 1;
    if (item.type === 'closed') this.#ends.delete(to.peer);
    if (item.type === 'bytes') {
      to.bytesUnderWay += item.bytes.length;
      assert(to.bytesUnderWay <= bytesUnderWayMax, `${to.bytesUnderWay} bytes are under way to ${to.host}`);
    }
    to.incoming.push(item);
    if (!to.isStalled) this.#scheduleArrival(to, this.delayMs(to.peer.host, to.host));
  }

  dial(process: SimProcess, address: string, listener: ConnectionListener | ObjectListener): Dial {
    const dial = new Dial(listener);
    this.#knock(process, address, dial);
    return dial;
  }

  #knock(process: SimProcess, address: string, dial: Dial): void {
    const world = this.#world;
    const { host } = process;
    const to = hostOf(address);
    const fail = (detail: string) =>
      process.deliver(dial, () => {
        if (!dial.isOver) dial.listener.closed(detail);
      });
    if (dial.isOver || !process.isAlive) return;
    if (this.isCut(host, to) || this.isCut(to, host)) {
      if (world.oneIn(4)) {
        const wait = world.between(redialMs.min, redialMs.max);
        world.schedule(wait, () => this.#knock(process, address, dial));
      } else {
        world.schedule(world.between(unreachableMs.min, unreachableMs.max), () => fail('unreachable'));
      }
      return;
    }
    world.schedule(this.delayMs(host, to), () => {
      const server = this.#listeners.get(address);
      if (dial.isOver || !process.isAlive) return;
      if (server === undefined) return fail('connection refused');
      const near = new StreamEnd(this, { host, process });
      const far = new StreamEnd(this, { host: to, process: server.process });
      near.peer = far;
      far.peer = near;
      this.#ends.add(near).add(far);
      server.process.deliver(far, () => server.accept(far));
      world.schedule(this.delayMs(to, host), () => {
        process.deliver(near, () => {
          if (dial.isOver) near.destroy('the dial was cancelled');
          else if (near.isOpen) dial.opened(near);
          else dial.listener.closed('it broke at once');
        });
      });
    });
  }

  #scheduleArrival(to: StreamEnd, delayMs: number): void {
    const at = Math.max(to.lastAt, this.#world.now + delayMs);
    to.lastAt = at;
    this.#world.schedule(at - this.#world.now, () => this.#arrive(to));
  }

  #arrive(to: StreamEnd): void {
    if (to.arrivedEarly > 0) {
      to.arrivedEarly -= 1;
      return;
    }
    const first = to.incoming[0];
    if (to.isStalled || first === undefined) return;
    if (this.#cuts.size > 0 && this.isCut(to.peer.host, to.host)) {
      to.isStalled = true;
      return;
    }
    const { now } = this.#world;
    if (first.heldUntil > now) {
      this.#world.schedule(first.heldUntil - now, () => this.#arrive(to));
      return;
    }
    this.#deliverFirst(to, (bytes, item) => this.#pieceOf(to, bytes, item));
  }

  /** `pieceOf`: see {@link #pieceOf}. */
  #deliverFirst(to: StreamEnd, pieceOf: (bytes: Uint8Array, item: Item) => Uint8Array): void {
    const item = must(to.incoming.shift(), 'counted');
    if (item.isLost) return;
    if (item.type === 'closed') this.#ends.delete(to);
    if (item.type !== 'bytes') return to.process.deliver(to, () => to.take(item));
    const bytes = pieceOf(item.bytes, item);
    to.bytesUnderWay -= bytes.length;
    to.process.deliver(to, () => to.take({ type: 'bytes', bytes, sent: bytes }));
  }

  /** The bytes that arrive at once: a part of a write, all of it, or all of it and the next write. */
  #pieceOf(to: StreamEnd, bytes: Uint8Array, item: Item): Uint8Array {
    const chance = this.#world.random.int(16);
    if (chance < 2 && bytes.length > 1) {
      const cut = 1 + this.#world.random.int(bytes.length - 1);
      to.incoming.unshift({ ...item, type: 'bytes', bytes: bytes.subarray(cut) } as Item);
      to.lastAt = Math.max(to.lastAt, this.#world.now);
      this.#world.schedule(this.#world.between(0, 1), () => this.#arrive(to));
      return bytes.subarray(0, cut);
    }
    const next = to.incoming[0];
    if (chance > 3 || next?.type !== 'bytes' || next.isLost || next.heldUntil > this.#world.now) return bytes;
    to.incoming.shift();
    const joined = new Uint8Array(bytes.length + next.bytes.length);
    joined.set(bytes);
    joined.set(next.bytes, bytes.length);
    return joined;
  }

  /** Resumes delivery after a cut. */
  #resume(): void {
    for (const end of this.#ends) {
      if (!end.isStalled || this.isCut(end.peer.host, end.host)) continue;
      end.isStalled = false;
      const pieces = end.incoming.length;
      for (let piece = 0; piece < pieces; piece += 1) {
        this.#scheduleArrival(end, this.delayMs(end.peer.host, end.host));
      }
    }
  }
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}
