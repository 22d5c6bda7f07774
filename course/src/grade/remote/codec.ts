/**
 * Messages between the judge and the process that runs the student's code. The text of a frame is JSON:
 *
 *     [ message, definitions, updates, ids that are no longer used ]
 *
 * Values in it: null, booleans, strings and most numbers stand for themselves. All others are arrays that begin with a tag:
 *
 *     ["u"]              undefined
 *     ["n", "NaN"]       a number that JSON cannot write, also "-0"
 *     ["b", "123"]       a bigint
 *     ["v", class, buffer's id, offset, length]   a view of a buffer, such as a Uint8Array; it has no identity of its own
 *     ["r", id]          any other object: both sides have it; a definition in this frame, or an earlier one, says what it is
 *
 * An object that stays on its side, such as a promise or a function, is defined by its kind only: see {@link Kind}.
 *
 * A definition or an update is `[id, kind, ...]`; an update has the kind and the contents of a definition. Contents of buffers
 * lie in the frame's bytes. Objects keep their identity: an object that returns to its side is the same object again.
 *
 * Where values cross as copies, arrays, plain objects and views stand in the message itself, see `copied-values.ts`.
 *
 * The judge trusts nothing in a frame: whatever is malformed is a {@link ProtocolError}.
 */
import { isPromise } from 'node:util/types';
import type * as Shared from '@tablelab/shared';
import { type Json, readCopy, type ValueReader, type ValueWriter, writeCopy } from './copied-values.ts';
import { type Frame, ProtocolError } from './frame-pipe.ts';
import {
  type Contents,
  contentsOf,
  hasChanged,
  type SharedObject,
  type SharedObjects,
} from './shared-objects.ts';

/** How deep objects may be nested. */
const depthMax = 200;
const messageLengthMax = 10_000;

const tableError = 'TableError';

type Kind =
  | 'array'
  | 'object'
  | 'buffer'
  | 'function'
  /** A function or a class that a module of the student exports, passed back by the judge: module and name. */
  | 'export'
  | 'iterator'
  | 'async-iterator'
  | 'promise'
  | 'instance'
  /** Any other object: its properties are read, and its methods called, where it is. */
  | 'reference'
  | 'url'
  | 'error';

type AnyClass = abstract new (...args: never[]) => object;

/** A class that the student exports, by its name. On the judge's side, a class whose methods call the student's. */
export type Classes = ReadonlyMap<string, AnyClass>;

/** What a side makes of the other side's objects that do not travel. */
export interface Remote {
  callable(id: number): (...args: never[]) => unknown;
  iterator(id: number): object;
  asyncIterator(id: number): object;
  /** It settles when the other side's does. */
  promise(id: number): Promise<unknown>;
  /** @param type the class of the same name on this side. */
  reference(id: number, type: AnyClass | undefined): object;
  /** A promise of this side has been passed: the other one wants to know how it settles. */
  watch(id: number, promise: Promise<unknown>): void;
}

/** What only one of the two sides does. */
export interface Side {
  /** Whether an object stays where it is, so that the other side reads its properties from here. */
  isReference(object: object): boolean;
  /** The judge: the module and the name of what stands for an export. */
  exportOf(value: object): readonly [module: string, name: string] | undefined;
  /** The student's process: the export itself. */
  exported(module: string, name: string): unknown;
  /** The judge: a file of the kit, as the student's process names it. */
  urlText(url: URL): string;
}

const viewClasses: Readonly<
  Record<string, new (buffer: ArrayBufferLike, offset?: number, length?: number) => ArrayBufferView>
> = {
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
};

const errorClasses: Readonly<Record<string, new (message: string) => Error>> = {
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
};

/** What stands for instances of the student's process, also of one that has ended. */
const instances = new WeakSet();

/** A Uint8Array that is neither a plain one nor a Buffer. */
class OtherUint8Array extends Uint8Array {}

/** The kit's error class, from the copy of the kit that this side's code imports. */
export type Errors = Pick<typeof Shared, 'TableError' | 'errorCodes'>;

/**
 * How the contents of objects cross: `shared` carries over what either side changes later, so that a test notices who shares memory
 * with whom; `copied` does not, and is several times faster.
 */
export type Crossing = 'shared' | 'copied';

export interface CodecOptions {
  readonly crossing: Crossing;
  readonly objects: SharedObjects;
  readonly classes: Classes;
  readonly errors: Errors;
  readonly remote: Remote;
  readonly side: Side;
}

export class Codec {
  readonly #objects: SharedObjects;
  readonly #classes: Classes;
  readonly #errors: Errors;
  readonly #remote: Remote;
  readonly #isCopied: boolean;
  readonly #side: Side;
  // What belongs to the frame that is being made or read.
  #definitions: Json[] = [];
  #updates: Json[] = [];
  #parts: Uint8Array[] = [];
  #partsBytes = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  readonly #writer: ValueWriter = {
    value: (value) => this.#value(value, 0),
    part: (bytes) => this.#part(bytes),
    viewKind,
  };
  readonly #reader: ValueReader = {
    value: (json) => this.#read(json),
    part: (start, length) => this.#slice([start, length]),
    view: (kind, buffer) => wholeView(kind, buffer),
  };
  #depth = 0;

  constructor({ crossing, objects, classes, errors, remote, side }: CodecOptions) {
    this.#side = side;
    this.#isCopied = crossing === 'copied';
    this.#objects = objects;
    this.#classes = classes;
    this.#errors = errors;
    this.#remote = remote;
  }

  encode(message: readonly unknown[]): { text: string; parts: readonly Uint8Array[] } {
    this.#definitions = [];
    this.#updates = [];
    this.#parts = [];
    this.#partsBytes = 0;
    this.#depth = 0;
    this.#objects.nextMessage();
    const head = message.map((value) => this.#value(value, 0));
    for (const shared of this.#objects.changed()) {
      const object = this.#objects.object(shared.id);
      if (object !== undefined && hasChanged(shared)) this.#updates.push(this.#contents(shared, object, 0));
    }
    const unused = this.#objects.unused();
    return { text: JSON.stringify([head, this.#definitions, this.#updates, unused]), parts: this.#parts };
  }

  #value(value: unknown, depth: number): Json {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'undefined':
        return ['u'];
      case 'bigint':
        return ['b', String(value)];
      case 'number':
        if (Object.is(value, -0)) return ['n', '-0'];
        return Number.isFinite(value) ? value : ['n', String(value)];
      case 'object':
      case 'function':
        if (value === null) return null;
        if (this.#isCopied) return this.#copy(value);
        return ArrayBuffer.isView(value) ? this.#view(value, depth) : ['r', this.#reference(value, depth)];
      default:
        // A symbol: no rule of a hand-out is about one.
        return ['u'];
    }
  }

  #copy(object: object): Json {
    if (this.#depth > depthMax) throw new ProtocolError(`objects are nested more than ${depthMax} deep`);
    this.#depth += 1;
    const copy = writeCopy(object, this.#writer);
    this.#depth -= 1;
    return copy ?? ['r', this.#reference(object, 0)];
  }

  #reference(object: object, depth: number): number {
    if (depth > depthMax) throw new ProtocolError(`objects are nested more than ${depthMax} deep`);
    const known = this.#objects.find(object);
    if (known !== undefined) {
      if (!this.#objects.mention(known, object)) this.#refresh(known, object, depth);
      return known.id;
    }
    if (instances.has(object)) throw new Error('this object belongs to a test that is over');
    const [kind, contents] = kindOf(object, this.#classes, this.#side);
    const shared = this.#objects.add(object, contents);
    if (contents !== undefined) this.#definitions.push(this.#contents(shared, object, depth));
    else this.#definitions.push([shared.id, kind, ...this.#description(kind, object)]);
    if (kind === 'promise') this.#remote.watch(shared.id, object as Promise<unknown>);
    return shared.id;
  }

  /** Carries over what has changed in an object that the message mentions, and in the objects that it contains. */
  #refresh(shared: SharedObject, object: object, depth: number): void {
    if (shared.contents === 'buffer') {
      if (hasChanged(shared)) this.#updates.push(this.#contents(shared, object, depth));
    } else if (shared.contents !== undefined) {
      if (hasChanged(shared)) this.#updates.push(this.#contents(shared, object, depth));
      else {
        const items = shared.contents === 'array' ? (object as unknown[]) : Object.values(object);
        for (const item of items) {
          if (typeof item !== 'object' || item === null) continue;
          this.#reference(ArrayBuffer.isView(item) ? item.buffer : item, depth + 1);
        }
      }
    }
  }

  #contents(shared: SharedObject, object: object, depth: number): Json {
    shared.known = contentsOf(object, shared.contents);
    const { id, contents } = shared;
    switch (contents) {
      case 'array':
        return [
          id,
          'array',
          (object as unknown[]).length,
          ...Array.from(object as unknown[], (item) => this.#value(item, depth + 1)),
        ];
      case 'object':
        return [
          id,
          'object',
          ...Object.entries(object).map(([key, value]) => [key, this.#value(value, depth + 1)]),
        ];
      case 'buffer':
        if (shared.known === 'detached') return [id, 'buffer', -1, 0];
        return [id, 'buffer', ...this.#part(shared.known as Uint8Array), object instanceof SharedArrayBuffer];
      case undefined:
        throw new Error('only objects with contents are compared');
    }
  }

  #part(bytes: Uint8Array): [start: number, length: number] {
    const start = this.#partsBytes;
    this.#parts.push(bytes);
    this.#partsBytes += bytes.byteLength;
    return [start, bytes.byteLength];
  }

  #description(kind: Kind, object: object): Json[] {
    switch (kind) {
      case 'instance':
        return [classNameOf(object, this.#classes) ?? ''];
      case 'reference':
        return [String(object.constructor?.name ?? '')];
      case 'export':
        return [...(this.#side.exportOf(object) ?? [])];
      case 'url':
        return [this.#side.urlText(object as URL)];
      case 'error':
        return errorFields(object as Error, this.#errors);
      default:
        return [];
    }
  }

  #view(view: ArrayBufferView, depth: number): Json[] {
    // A detached or shrunk buffer makes these 0. Tests give a view another size than it has, to avoid large values.
    const buffer = this.#reference(view.buffer, depth + 1);
    const length = view instanceof DataView ? realByteLength(view) : realLength(view as Uint8Array);
    const claims = claimable.flatMap((name) => {
      const value: unknown = Object.hasOwn(view, name) ? view[name as keyof typeof view] : undefined;
      return typeof value === 'number' ? [[name, value]] : [];
    });
    return ['v', viewKind(view), buffer, realByteOffset(view), length, ...claims];
  }

  /** The message in a frame. */
  decode({ text, bytes }: Frame): unknown[] {
    this.#objects.nextMessage();
    this.#bytes = bytes;
    try {
      const [head, definitions, updates, unused] = list(JSON.parse(text)).map(list);
      if (head === undefined || definitions === undefined || updates === undefined || unused === undefined) {
        throw new ProtocolError('a frame has four lists');
      }
      const whole = definitions.map(list);
      for (const definition of whole) this.#define(definition);
      // Buffers first: a view that is made of a detached one differs from others.
      for (const definition of whole) if (definition[1] === 'buffer') this.#fill(definition);
      for (const definition of whole) if (definition[1] !== 'buffer') this.#fill(definition);
      for (const update of updates.map(list)) this.#fill(update);
      const message = head.map((value) => this.#read(value));
      this.#objects.release(unused.map(count));
      return message;
    } catch (cause) {
      if (cause instanceof ProtocolError) throw cause;
      throw new ProtocolError('a frame cannot be understood', { cause });
    }
  }

  #read(value: unknown): unknown {
    if (!Array.isArray(value)) {
      if (value === null || typeof value !== 'object') return value;
      throw new ProtocolError('a value is no object');
    }
    const [tag, detail] = value as unknown[];
    switch (tag) {
      case 'u':
        return undefined;
      case 'n':
        return Number(detail);
      case 'b':
        if (typeof detail !== 'string' || !/^-?\d{1,10000}$/.test(detail))
          throw new ProtocolError('this is no bigint');
        return BigInt(detail);
      case 'r':
        return this.#object(detail);
      case 'v':
        return this.#makeView(value.slice(1) as unknown[]);
      default: {
        const copy = this.#isCopied ? readCopy(value, this.#reader) : undefined;
        if (copy === undefined) throw new ProtocolError('a value has an unknown tag');
        return copy;
      }
    }
  }

  #object(id: unknown): object {
    const object = this.#objects.object(count(id));
    if (object === undefined) throw new ProtocolError(`there is no object ${id}`);
    return object;
  }

  /** Makes the object, without its contents. */
  #define([id, kind, ...rest]: readonly unknown[]): void {
    const number = count(id);
    if (this.#objects.shared(number) !== undefined)
      throw new ProtocolError(`object ${number} is defined twice`);
    const [object, contents] = this.#make(number, kind, rest);
    const shared = this.#objects.add(object, contents, number);
    shared.known = contents === undefined ? undefined : contentsOf(object, contents);
  }

  #make(id: number, kind: unknown, rest: readonly unknown[]): [object, Contents] {
    switch (kind) {
      case 'array':
        return [[], 'array'];
      case 'object':
        return [{}, 'object'];
      case 'buffer':
        return [
          new (rest[2] === true ? SharedArrayBuffer : ArrayBuffer)(
            rest[0] === -1 ? 0 : this.#slice(rest).byteLength,
          ),
          'buffer',
        ];
      case 'function':
        return [this.#remote.callable(id), undefined];
      case 'export': {
        const value = this.#side.exported(String(rest[0]), String(rest[1]));
        if (typeof value !== 'function') throw new ProtocolError('this is no function');
        return [value, undefined];
      }
      case 'iterator':
        return [this.#remote.iterator(id), undefined];
      case 'async-iterator':
        return [this.#remote.asyncIterator(id), undefined];
      case 'promise':
        return [this.#remote.promise(id), undefined];
      case 'reference':
        return [this.#remote.reference(id, this.#classes.get(String(rest[0]))), undefined];
      case 'url':
        return [new URL(String(rest[0])), undefined];
      case 'instance': {
        const type = this.#classes.get(String(rest[0]));
        if (type === undefined) throw new ProtocolError(`there is no class ${rest[0]}`);
        const instance = Object.create(type.prototype as object) as object;
        instances.add(instance);
        return [instance, undefined];
      }
      case 'error':
        return [withoutStack(() => makeError(rest, this.#errors)), undefined];
      default:
        throw new ProtocolError('an object has an unknown kind');
    }
  }

  #slice([start, length]: readonly unknown[]): Uint8Array {
    const [from, size] = [count(start), count(length)];
    if (from + size > this.#bytes.byteLength) throw new ProtocolError('a buffer lies outside its frame');
    return this.#bytes.subarray(from, from + size);
  }

  #makeView([kind, bufferId, offset, length, ...claims]: readonly unknown[]): ArrayBufferView {
    const buffer = this.#object(bufferId);
    if (!(buffer instanceof ArrayBuffer || buffer instanceof SharedArrayBuffer))
      throw new ProtocolError('a view is of a buffer');
    const view = newView(String(kind), buffer, count(offset), count(length));
    for (const [name, value] of claims.map(list)) {
      if (name !== 'byteLength' && name !== 'length') throw new ProtocolError('a view has a length only');
      Object.defineProperty(view, name, { value: count(value) });
    }
    return view;
  }

  #fill([id, kind, ...rest]: readonly unknown[]): void {
    const shared = this.#objects.shared(count(id));
    // This side no longer uses the object; the other one does not know that yet.
    if (shared === undefined) return;
    const object = this.#objects.object(shared.id);
    if (object === undefined || shared.contents === undefined) return;
    if (kind !== shared.contents) throw new ProtocolError(`object ${shared.id} is no ${kind}`);
    switch (shared.contents) {
      case 'array':
        this.#fillArray(object as unknown[], rest);
        break;
      case 'object':
        this.#fillObject(object, rest);
        break;
      case 'buffer':
        this.#fillBuffer(object as ArrayBuffer, rest);
        break;
    }
    shared.known = contentsOf(object, shared.contents);
  }

  #fillArray(array: unknown[], [length, ...items]: readonly unknown[]): void {
    if (count(length) !== items.length) throw new ProtocolError('an array has another length than its items');
    array.length = 0;
    for (const item of items) array.push(this.#read(item));
  }

  #fillObject(object: object, fields: readonly unknown[]): void {
    const names = new Set<string>();
    for (const [name, value] of fields.map(list)) {
      if (typeof name !== 'string') throw new ProtocolError("a field's name is a string");
      names.add(name);
      // Not by assignment: the name may be __proto__.
      Object.defineProperty(object, name, {
        value: this.#read(value),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    for (const name of Object.keys(object)) if (!names.has(name)) Reflect.deleteProperty(object, name);
  }

  #fillBuffer(buffer: ArrayBuffer, where: readonly unknown[]): void {
    if (where[0] === -1 && buffer instanceof ArrayBuffer) {
      if (!buffer.detached) structuredClone(buffer, { transfer: [buffer] });
      return;
    }
    const bytes = this.#slice(where);
    if (bytes.byteLength !== buffer.byteLength) throw new ProtocolError('a buffer keeps its size');
    new Uint8Array(buffer).set(bytes);
  }
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new ProtocolError('a list is expected');
  return value as unknown[];
}

function count(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new ProtocolError('a whole number is expected');
  }
  return value;
}

function kindOf(object: object, classes: Classes, side: Side): [Kind, Contents] {
  if (typeof object === 'function')
    return [side.exportOf(object) === undefined ? 'function' : 'export', undefined];
  if (object instanceof ArrayBuffer || object instanceof SharedArrayBuffer) return ['buffer', 'buffer'];
  if (object instanceof Error) return ['error', undefined];
  if (Array.isArray(object)) return ['array', 'array'];
  if (isPromise(object)) return ['promise', undefined];
  if (object instanceof URL) return ['url', undefined];
  if (side.isReference(object)) return ['reference', undefined];
  if (classNameOf(object, classes) !== undefined) return ['instance', undefined];
  if (typeof (object as { next?: unknown }).next === 'function')
    return [Symbol.asyncIterator in object ? 'async-iterator' : 'iterator', undefined];
  return ['object', 'object'];
}

function classNameOf(object: object, classes: Classes): string | undefined {
  for (let type = Object.getPrototypeOf(object); type !== null; type = Object.getPrototypeOf(type)) {
    for (const [name, { prototype }] of classes) if (prototype === type) return name;
  }
  return undefined;
}

const claimable = ['byteLength', 'length'];

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const getter = (prototype: object, name: string) =>
  Object.getOwnPropertyDescriptor(prototype, name)?.get as (this: ArrayBufferView) => number;
const typedArrayLength = getter(typedArray, 'length');
const typedArrayOffset = getter(typedArray, 'byteOffset');

/** What the view really has, whatever its own property of that name says. A detached DataView throws. */
const realLength = (view: ArrayBufferView) => typedArrayLength.call(view);
const realByteLength = (view: DataView) => ((view.buffer as ArrayBuffer).detached ? 0 : view.byteLength);
const realByteOffset = (view: ArrayBufferView) =>
  view instanceof DataView
    ? (view.buffer as ArrayBuffer).detached
      ? 0
      : view.byteOffset
    : typedArrayOffset.call(view);

function viewKind(view: ArrayBufferView): string {
  const prototype: unknown = Object.getPrototypeOf(view);
  if (prototype === Uint8Array.prototype) return 'Uint8Array';
  if (prototype === Buffer.prototype) return 'Buffer';
  if (view instanceof Uint8Array) return 'other';
  return Object.keys(viewClasses).find((name) => view instanceof (viewClasses[name] as never)) ?? 'other';
}

function newView(kind: string, buffer: ArrayBufferLike, offset: number, length: number): ArrayBufferView {
  if (buffer instanceof ArrayBuffer && buffer.detached) {
    const lost = newView(kind, new ArrayBuffer(0), 0, 0);
    structuredClone(lost.buffer, { transfer: [lost.buffer as ArrayBuffer] });
    return lost;
  }
  if (kind === 'Buffer') return Buffer.from(buffer as ArrayBuffer, offset, length);
  if (kind === 'other') return new OtherUint8Array(buffer as ArrayBuffer, offset, length);
  const type = Object.hasOwn(viewClasses, kind) ? viewClasses[kind] : undefined;
  if (type === undefined) throw new ProtocolError('a view has an unknown class');
  return new type(buffer, offset, length);
}

function wholeView(kind: string, buffer: ArrayBuffer): ArrayBufferView {
  if (kind === 'Buffer') return Buffer.from(buffer);
  if (kind === 'other') return new OtherUint8Array(buffer);
  const type = Object.hasOwn(viewClasses, kind) ? viewClasses[kind] : undefined;
  if (type === undefined) throw new ProtocolError('a view has an unknown class');
  return new type(buffer);
}

function errorFields(error: Error, errors: Errors): Json[] {
  const { code, mayHaveHappened } = error as { code?: unknown; mayHaveHappened?: unknown };
  return [
    error instanceof errors.TableError
      ? tableError
      : error.name === tableError
        ? 'Error'
        : String(error.name),
    String(error.message).slice(0, messageLengthMax),
    typeof code === 'string' ? code : null,
    mayHaveHappened === true,
  ];
}

/** A stack would be that of this file, and takes long to note. */
function withoutStack(make: () => Error): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** An error of the kit's class if it was one, or of a class of the language. */
function makeError([name, message, code, mayHaveHappened]: readonly unknown[], errors: Errors): Error {
  if (typeof name !== 'string' || typeof message !== 'string') throw new ProtocolError('an error has a name');
  if (name === tableError) {
    const known = errors.errorCodes.find((known) => known === code);
    if (known !== undefined && known !== 'NONE') {
      return new errors.TableError(known, message, { mayHaveHappened: mayHaveHappened === true });
    }
  }
  const type = (Object.hasOwn(errorClasses, name) ? errorClasses[name] : undefined) ?? Error;
  const error = new type(message);
  if (type === Error && name !== 'Error') error.name = `${name}`.slice(0, 100);
  if (typeof code === 'string') Object.assign(error, { code });
  return error;
}
