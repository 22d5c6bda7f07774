/**
 * One side of the calls between the judge and the process that runs the student's code. Both sides may call, at any time: a function
 * that the judge has passed is called back while the judge waits for a result, or later, from the event loop. A side that waits
 * serves the other one meanwhile. A message is one of these:
 *
 *     "call",   number, the number of the call that it is part of (or null), operation, arguments
 *     "return", number, value
 *     "throw",  number, error
 *     "settle", promise, whether it is fulfilled, value or error
 */
import { type Classes, Codec, type Crossing, type Errors, type Side } from './codec.ts';
import { type FramePipe, PipeEnded, ProtocolError } from './frame-pipe.ts';
import { RemoteAsyncIterator, RemoteIterator, remoteObject } from './remote-objects.ts';
import { SharedObjects, type SharedObjectsOptions } from './shared-objects.ts';

/** How many calls may wait for one another. A student's endless recursion through a callback ends here. */
const callsMax = 100;

/** What a side asks the other one to do: the first item names it, the others are its arguments. */
export type Request = readonly [operation: string, ...rest: unknown[]];

export interface PeerOptions {
  readonly pipe: FramePipe;
  readonly crossing: Crossing;
  readonly classes: Classes;
  readonly errors: Errors;
  readonly objects: SharedObjectsOptions;
  readonly side: Side;
  /** Executes the other side's request. What it throws is thrown on the other side. */
  readonly serve: (request: Request) => unknown;
  /**
   * Whether a request waits until this side is idle, if it is not part of the call that this side waits for: so no function of the
   * student begins in the middle of another one, as in a single process.
   */
  readonly isRunToCompletion: boolean;
  /** What a call throws, and a promise rejects with, when the pipe has ended or the protocol is broken. */
  readonly broken?: (error: Error) => Error;
}

interface Call {
  readonly number: number;
  readonly partOf: unknown;
  readonly request: Request;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

type Settlers = PromiseWithResolvers<unknown>;

export class Peer {
  readonly objects: SharedObjects;
  readonly #options: PeerOptions;
  readonly #codec: Codec;
  #calls = 0;
  /** The calls of this side without a result, the innermost last. */
  readonly #waiting: number[] = [];
  /** Results of calls that are not the innermost one. */
  readonly #outcomes = new Map<number, Outcome>();
  /** The other side's calls that this side is executing. */
  readonly #serving: number[] = [];
  readonly #deferred: Call[] = [];
  /** The other side's promises that are not settled, by their ids. */
  readonly #promises = new Map<number, Settlers>();
  #isScheduled = false;

  constructor(options: PeerOptions) {
    this.#options = options;
    this.objects = new SharedObjects(options.objects);
    const callOn =
      (id: number) =>
      (name: string, args: readonly unknown[]): unknown =>
        this.call(['method', this.objects.object(id), name, ...args]);
    this.#codec = new Codec({
      ...options,
      objects: this.objects,
      remote: {
        callable:
          (id) =>
          (...args: never[]) =>
            this.call(['apply', this.objects.object(id), ...args]),
        iterator: (id) => new RemoteIterator(callOn(id)),
        asyncIterator: (id) => new RemoteAsyncIterator(callOn(id)),
        promise: (id) => this.#promise(id),
        reference: (id, type) =>
          remoteObject(type, {
            read: (name) => this.call(['property', this.objects.object(id), name]),
            write: (name, value) => this.call(['set', this.objects.object(id), name, value]),
            call: callOn(id),
          }),
        watch: (_id, promise) => this.#watch(promise),
      },
    });
  }

  /** Waits for the result; throws what the other side throws. */
  call(request: Request): unknown {
    try {
      return this.#call(request);
    } catch (error) {
      throw this.#explained(error);
    }
  }

  #call(request: Request): unknown {
    if (this.#waiting.length >= callsMax)
      throw new ProtocolError(`more than ${callsMax} calls wait for one another`);
    this.#calls += 1;
    const number = this.#calls;
    this.#waiting.push(number);
    try {
      this.#send(['call', number, this.#serving.at(-1) ?? null, ...request]);
      for (;;) {
        const outcome = this.#outcomes.get(number);
        if (outcome !== undefined) {
          this.#outcomes.delete(number);
          if ('error' in outcome) throw outcome.error;
          return outcome.value;
        }
        this.#take(this.#codec.decode(this.#options.pipe.receive()));
      }
    } finally {
      this.#waiting.pop();
      // What has arrived behind the result is not announced by the event loop again.
      this.#schedule();
    }
  }

  /** Serves requests until the other side closes the pipe: then it throws PipeEnded. For a side that does nothing else. */
  serve(): never {
    for (;;) {
      this.#take(this.#codec.decode(this.#options.pipe.receive()));
      for (let call = this.#deferred.shift(); call !== undefined; call = this.#deferred.shift())
        this.#answer(call);
    }
  }

  /** Bytes have arrived while this side was idle. */
  feed(bytes: Uint8Array): void {
    this.#options.pipe.feed(bytes);
    this.#turn();
  }

  /** Rejects what nothing will settle any more. */
  end(error: Error): void {
    for (const { reject } of this.#promises.values()) reject(error);
    this.#promises.clear();
  }

  /** Takes one message; further ones get turns of their own, so that what the first one has caused happens before. */
  #turn(): void {
    if (this.#waiting.length > 0) return;
    const deferred = this.#deferred.shift();
    if (deferred !== undefined) {
      this.#answer(deferred);
    } else {
      const frame = this.#options.pipe.next();
      if (frame === undefined) return;
      this.#take(this.#codec.decode(frame));
    }
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length > 0) return;
    if (this.#deferred.length === 0 && !this.#options.pipe.hasBytes) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      try {
        this.#turn();
      } catch (error) {
        this.end(this.#explained(error) as Error);
      }
    });
  }

  #take([kind, ...rest]: unknown[]): void {
    switch (kind) {
      case 'call': {
        const [number, partOf, operation, ...args] = rest;
        if (typeof number !== 'number' || typeof operation !== 'string')
          throw new ProtocolError('a call has a number and the name of its operation');
        this.#accept({ number, partOf, request: [operation, ...args] });
        break;
      }
      case 'return':
        this.#note(rest[0], { value: rest[1] });
        break;
      case 'throw':
        this.#note(rest[0], { error: rest[1] });
        break;
      case 'settle':
        this.#settle(rest);
        break;
      default:
        throw new ProtocolError('a message has an unknown kind');
    }
  }

  #accept(call: Call): void {
    const innermost = this.#waiting.at(-1);
    if (this.#options.isRunToCompletion && innermost !== undefined && call.partOf !== innermost)
      this.#deferred.push(call);
    else this.#answer(call);
  }

  #answer({ number, request }: Call): void {
    this.#serving.push(number);
    let answer: unknown[];
    try {
      answer = ['return', number, this.#options.serve(request)];
    } catch (error) {
      answer = ['throw', number, error];
    } finally {
      this.#serving.pop();
    }
    this.#send(answer);
  }

  #note(number: unknown, outcome: Outcome): void {
    if (typeof number !== 'number' || !this.#waiting.includes(number))
      throw new ProtocolError('a result of no call');
    this.#outcomes.set(number, outcome);
  }

  #promise(id: number): Promise<unknown> {
    const settlers = Promise.withResolvers<unknown>();
    this.#promises.set(id, settlers);
    // A test may look at promises that settle together one after the other; their messages come one by one.
    settlers.promise.catch(() => undefined);
    return settlers.promise;
  }

  #settle([promise, isFulfilled, value]: readonly unknown[]): void {
    const id = typeof promise === 'object' && promise !== null ? this.objects.find(promise)?.id : undefined;
    const settlers = id === undefined ? undefined : this.#promises.get(id);
    if (id === undefined || settlers === undefined) throw new ProtocolError('this promise is not open');
    this.#promises.delete(id);
    if (isFulfilled === true) settlers.resolve(value);
    else settlers.reject(value);
  }

  #watch(promise: Promise<unknown>): void {
    const tell = (isFulfilled: boolean) => (value: unknown) => {
      try {
        this.#send(['settle', promise, isFulfilled, value]);
      } catch (error) {
        this.#explained(error);
      }
    };
    promise.then(tell(true), tell(false));
  }

  #send(message: readonly unknown[]): void {
    const { text, parts } = this.#codec.encode(message);
    this.#options.pipe.send(text, parts);
  }

  #explained(error: unknown): unknown {
    const { broken } = this.#options;
    return broken !== undefined && (error instanceof ProtocolError || error instanceof PipeEnded)
      ? broken(error)
      : error;
  }
}
