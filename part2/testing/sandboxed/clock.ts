/**
 * Time and turns of the process in which the student's code runs: the test's own, and in the grader another one, where this module
 * runs, too.
 */
import { Socket } from 'node:net';
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';

/** From now on, time-outs pass by {@link advanceClock} alone, those of sockets that are set from now on among them. */
export function stopClock(): void {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  socketTimers.stop();
}

/** Lets the time pass at once. Resolves when what is due has happened. */
export async function advanceClock(ms: number): Promise<void> {
  mock.timers.tick(ms);
  await setImmediate();
}

export function startClock(): void {
  socketTimers.start();
  mock.timers.reset();
}

/** Resolves after so many turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await setImmediate();
}

/** Does the work without a turn of the event loop in between. */
export function inOneTurn<T>(work: () => T): T {
  return work();
}

/** What Node calls at the end of a socket's time-out, and whenever bytes have come or left. */
interface TimedSocket {
  _onTimeout(): void;
  _unrefTimer(): void;
}

/** Makes the time-outs of sockets pass by the global `setTimeout`, which {@link stopClock} replaces; Node's own do not. */
class SocketTimers {
  readonly #timers = new WeakMap<Socket, NodeJS.Timeout>();
  readonly #prototype = Socket.prototype as Socket & TimedSocket;
  readonly #setTimeout = this.#prototype.setTimeout;
  readonly #unrefTimer = this.#prototype._unrefTimer;

  stop(): void {
    const [timers, setSocketTimeout, unrefTimer] = [this, this.#setTimeout, this.#unrefTimer];
    this.#prototype.setTimeout = function (ms, callback) {
      setSocketTimeout.call(this, 0);
      (this as { timeout?: number }).timeout = ms;
      timers.#restart(this);
      if (callback !== undefined) this.once('timeout', callback);
      return this;
    };
    this.#prototype._unrefTimer = function (this: Socket) {
      unrefTimer.call(this);
      if (timers.#timers.has(this)) timers.#restart(this);
    };
  }

  start(): void {
    this.#prototype.setTimeout = this.#setTimeout;
    this.#prototype._unrefTimer = this.#unrefTimer;
  }

  #restart(socket: Socket): void {
    clearTimeout(this.#timers.get(socket));
    const ms = socket.timeout ?? 0;
    if (ms === 0 || socket.destroyed) return;
    const end = () => {
      if (!socket.destroyed) (socket as Socket & TimedSocket)._onTimeout();
    };
    this.#timers.set(socket, setTimeout(end, ms));
  }
}

const socketTimers = new SocketTimers();
