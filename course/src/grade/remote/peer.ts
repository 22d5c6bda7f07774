/**
 * One side of the calls between the judge and the process that runs the student's code. Both sides may call: a function that the
 * judge passes as an argument is called back while the judge waits for the result.
 */
import { type Classes, Codec, type Crossing, type Errors } from './codec.ts';
import { type FramePipe, ProtocolError } from './frame-pipe.ts';
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
  /** Executes the other side's request. What it throws is thrown on the other side. */
  readonly serve: (request: Request) => unknown;
}

export class Peer {
  readonly objects: SharedObjects;
  readonly #pipe: FramePipe;
  readonly #codec: Codec;
  readonly #serve: (request: Request) => unknown;
  #waiting = 0;

  constructor({ pipe, crossing, classes, errors, objects, serve }: PeerOptions) {
    this.#pipe = pipe;
    this.#serve = serve;
    this.objects = new SharedObjects(objects);
    this.#codec = new Codec({
      crossing,
      objects: this.objects,
      classes,
      errors,
      remote: {
        callable: (id) => this.#callable(id),
        iterator: (id) =>
          new RemoteIterator((name, args) => this.call(['method', this.objects.object(id), name, ...args])),
      },
    });
  }

  /** A function that stands for the other side's. */
  #callable(id: number): (...args: never[]) => unknown {
    return (...args) => this.call(['apply', this.objects.object(id), ...args]);
  }

  /** Waits for the result; throws what the other side throws. */
  call(request: Request): unknown {
    if (this.#waiting >= callsMax)
      throw new ProtocolError(`more than ${callsMax} calls wait for one another`);
    this.#waiting += 1;
    try {
      this.#send(request);
      for (;;) {
        const [operation, ...rest] = this.#receive();
        if (operation === 'return') return rest[0];
        if (operation === 'throw') throw rest[0];
        this.#answer([operation, ...rest] as Request);
      }
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Serves requests until the other side closes the pipe: then it throws PipeEnded. */
  serve(): never {
    for (;;) this.#answer(this.#receive() as unknown as Request);
  }

  #answer(request: Request): void {
    let answer: Request;
    try {
      answer = ['return', this.#serve(request)];
    } catch (error) {
      answer = ['throw', error];
    }
    this.#send(answer);
  }

  #send(message: readonly unknown[]): void {
    const { text, parts } = this.#codec.encode(message);
    this.#pipe.send(text, parts);
  }

  #receive(): unknown[] {
    const message = this.#codec.decode(this.#pipe.receive());
    if (typeof message[0] !== 'string')
      throw new ProtocolError('a message begins with the name of its operation');
    return message;
  }
}

type CallMethod = (name: string, args: readonly unknown[]) => unknown;

/** Stands for an iterator of the other side. */
class RemoteIterator implements Iterator<unknown>, Iterable<unknown> {
  readonly #call: CallMethod;

  constructor(call: CallMethod) {
    this.#call = call;
  }

  next(...args: unknown[]): IteratorResult<unknown> {
    return this.#call('next', args) as IteratorResult<unknown>;
  }

  return(...args: unknown[]): IteratorResult<unknown> {
    return this.#call('return', args) as IteratorResult<unknown>;
  }

  [Symbol.iterator](): this {
    return this;
  }
}
