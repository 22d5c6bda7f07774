/**
 * The objects that two processes have in common: one object on each side stands for both. What one side changes in an array,
 * a plain object or a buffer is carried over to the other side, so that a test notices who shares memory with whom.
 *
 * Nothing reports a change of a buffer, so contents are compared with a copy:
 *
 * - those that a message mentions: always;
 * - those that passed in one of the last {@link warmMessages} messages: with each message;
 * - older ones: {@link coldPerMessage} with each message, in turn, and all of them as soon as any change is found.
 *
 * So a change is carried over at once, except that of an object which no message has mentioned for long; that one may take
 * several messages. Otherwise the cost of a message would grow with their number.
 */

const warmMessages = 16;
const coldPerMessage = 4;

/**
 * After so many new objects, or so many comparisons of old ones, those that are no longer used are looked for. It takes some
 * milliseconds, as do the comparisons.
 */
const releaseEvery = 40_000;
const comparisonsMax = 500_000;
/** Fewer new objects are not worth the search. */
const releaseMin = 1_000;

/** Up to this size, a loop compares bytes faster than a call into native code. */
const loopBytesMax = 128;

/** What is compared; undefined for objects whose contents stay on their own side. */
export type Contents = 'array' | 'object' | 'buffer' | undefined;

export interface SharedObject {
  readonly id: number;
  readonly contents: Contents;
  /** An object of this side that the other one may call at any time: it is kept, because only the other side may refer to it. */
  readonly isKept: boolean;
  /** Undefined as soon as only the other references to it keep it alive. */
  strong: object | undefined;
  readonly weak: WeakRef<object> | undefined;
  /** The contents as both sides know them. */
  known: readonly unknown[] | Uint8Array | 'detached' | undefined;
  /** Of a buffer that is strong: its bytes. */
  view: Uint8Array | undefined;
  /** The number of the last message that mentioned it. */
  mentioned: number;
}

export interface SharedObjectsOptions {
  /** 0 or 1: the two sides name new objects with even and odd numbers. */
  readonly firstId: 0 | 1;
  /** Forces a collection, so that objects which are no longer used can be found. Only one side does that. */
  readonly collect?: () => void;
}

/** A constructor that makes nothing new: a class that extends it adds its private fields to the object that it is given. */
// biome-ignore lint/complexity/useArrowFunction: an arrow function is no constructor
const Given = function (object: object) {
  return object;
} as unknown as new (
  object: object,
) => object;

/**
 * Notes a shared object on the object itself, in a private field, which nobody else can see. A WeakMap would do the same, but the
 * garbage collector takes too long for one with thousands of objects.
 */
class Mark extends Given {
  #shared: SharedObject;

  constructor(object: object, shared: SharedObject) {
    super(object);
    this.#shared = shared;
  }

  static read(object: object): SharedObject | undefined {
    return #shared in object ? (object as Mark).#shared : undefined;
  }

  static write(object: object, shared: SharedObject): void {
    if (#shared in object) (object as Mark).#shared = shared;
    else new Mark(object, shared);
  }
}

export class SharedObjects {
  readonly #byId = new Map<number, SharedObject>();
  readonly #collect: (() => void) | undefined;
  #warm: SharedObject[] = [];
  #cold: SharedObject[] = [];
  #coldCursor = 0;
  readonly #firstId: number;
  #nextId: number;
  #message = 0;
  #newSinceRelease = 0;
  /** Of old objects, since the last search for those that are no longer used. */
  #comparisons = 0;

  constructor({ firstId, collect }: SharedObjectsOptions) {
    this.#firstId = firstId;
    this.#nextId = firstId;
    this.#collect = collect;
  }

  get size(): number {
    return this.#byId.size;
  }

  find(object: object): SharedObject | undefined {
    const shared = Mark.read(object);
    // The mark may be that of another process, or the object was released.
    return shared !== undefined && this.#byId.get(shared.id) === shared ? shared : undefined;
  }

  /** The object with that id; undefined if there is none, or if it is no longer used here. */
  object(id: number): object | undefined {
    const shared = this.#byId.get(id);
    return shared?.strong ?? shared?.weak?.deref();
  }

  shared(id: number): SharedObject | undefined {
    return this.#byId.get(id);
  }

  /** An object of this side, with a new id, or one that stands for the other side's. */
  add(object: object, contents: Contents, id = this.#newId()): SharedObject {
    const shared: SharedObject = {
      id,
      contents,
      isKept: contents === undefined && this.isOwn(id),
      strong: object,
      weak: this.#collect === undefined ? undefined : new WeakRef(object),
      known: undefined,
      view: undefined,
      mentioned: this.#message,
    };
    this.#byId.set(id, shared);
    Mark.write(object, shared);
    this.#warm.push(shared);
    this.#newSinceRelease += 1;
    return shared;
  }

  /** Whether this side has made the object with that id. */
  isOwn(id: number): boolean {
    return id % 2 === this.#firstId;
  }

  #newId(): number {
    const id = this.#nextId;
    this.#nextId += 2;
    return id;
  }

  /** Whether the message that is being made has mentioned it already; from now on it has. */
  mention(shared: SharedObject, object: object): boolean {
    const age = this.#message - shared.mentioned;
    shared.mentioned = this.#message;
    if (age >= warmMessages) {
      shared.strong = object;
      this.#warm.push(shared);
    }
    return age === 0;
  }

  nextMessage(): void {
    this.#message += 1;
  }

  /** The objects whose contents differ from what the other side knows. */
  changed(): SharedObject[] {
    const changed: SharedObject[] = [];
    const warm: SharedObject[] = [];
    for (const shared of this.#warm) {
      if (shared.contents !== undefined && hasChanged(shared)) changed.push(shared);
      if (this.#message - shared.mentioned < warmMessages) warm.push(shared);
      else this.#cool(shared);
    }
    this.#warm = warm;
    let left = Math.min(coldPerMessage, this.#cold.length);
    for (; left > 0; left -= 1) {
      this.#coldCursor = (this.#coldCursor + 1) % this.#cold.length;
      const shared = this.#cold[this.#coldCursor];
      if (shared !== undefined && hasChanged(shared)) changed.push(shared);
    }
    if (changed.length === 0) return changed;
    this.#comparisons += this.#cold.length;
    return [...new Set([...changed, ...this.#cold.filter(hasChanged)])];
  }

  #cool(shared: SharedObject): void {
    if (shared.contents !== undefined) this.#cold.push(shared);
    if (shared.weak === undefined || shared.isKept) return;
    shared.strong = undefined;
    shared.view = undefined;
  }

  /** From time to time, on the side that collects: the ids of the objects which are no longer used on this side. */
  unused(): number[] {
    if (this.#collect === undefined || !this.#isReleaseDue()) return [];
    this.#newSinceRelease = 0;
    this.#comparisons = 0;
    this.#collect();
    const unused: number[] = [];
    for (const { id, strong, weak } of this.#byId.values()) {
      if (strong === undefined && weak?.deref() === undefined) unused.push(id);
    }
    this.release(unused);
    return unused;
  }

  #isReleaseDue(): boolean {
    if (this.#newSinceRelease >= releaseEvery) return true;
    return this.#comparisons >= comparisonsMax && this.#newSinceRelease >= releaseMin;
  }

  release(ids: readonly number[]): void {
    if (ids.length === 0) return;
    for (const id of ids) this.#byId.delete(id);
    const isThere = ({ id }: SharedObject) => this.#byId.has(id);
    this.#warm = this.#warm.filter(isThere);
    this.#cold = this.#cold.filter(isThere);
    this.#coldCursor = 0;
  }
}

/** Whether the contents differ from those that both sides know. */
export function hasChanged(shared: SharedObject): boolean {
  const { contents, strong, weak, known } = shared;
  const object = strong ?? weak?.deref();
  if (object === undefined) return false;
  if (contents === 'buffer') {
    // A view cannot be made of a detached buffer, but one that was made before tells.
    if (shared.view === undefined && (object as ArrayBuffer).detached) return known !== 'detached';
    const view = shared.view ?? new Uint8Array(object as ArrayBuffer);
    if (strong !== undefined) shared.view = view;
    return bytesChanged(view, known);
  }
  const now = contents === 'array' ? (object as unknown[]) : undefined;
  if (now === undefined) return fieldsChanged(object, known as readonly unknown[]);
  const before = known as readonly unknown[];
  return now.length !== before.length || before.some((item, index) => !Object.is(item, now[index]));
}

/** Names and values alternate in `known`. Slow for large objects only. */
function fieldsChanged(object: object, known: readonly unknown[]): boolean {
  let index = 0;
  for (const key of Object.keys(object)) {
    if (known[index] !== key || !Object.is(known[index + 1], (object as Record<string, unknown>)[key]))
      return true;
    index += 2;
  }
  return index !== known.length;
}

function bytesChanged(now: Uint8Array, known: SharedObject['known']): boolean {
  const before = known as Uint8Array;
  // A detached buffer has lost its bytes. A buffer without bytes is looked at, because it may be detached, too.
  if (known === 'detached' || now.length === 0)
    return (now.buffer as ArrayBuffer).detached !== (known === 'detached');
  if (now.length !== before.length) return true;
  if (now.length > loopBytesMax) return Buffer.compare(now, before) !== 0;
  for (let index = 0; index < now.length; index += 1) if (now[index] !== before[index]) return true;
  return false;
}

/** What is to be remembered as known by both sides. */
export function contentsOf(object: object, contents: Contents): SharedObject['known'] {
  switch (contents) {
    case undefined:
      return undefined;
    case 'array':
      return [...(object as unknown[])];
    case 'object':
      return Object.keys(object).flatMap((key) => [key, (object as Record<string, unknown>)[key]]);
    case 'buffer': {
      const buffer = object as ArrayBuffer;
      // Not slice(): a small typed array needs no memory outside of the heap.
      return buffer.detached ? 'detached' : new Uint8Array(new Uint8Array(buffer));
    }
  }
}
