/**
 * What the judge allows the student's process to do with its objects: to call a function that a test has passed, and to use an object
 * that a test has passed, such as a table, by the methods and properties of its own class.
 */
import { types } from 'node:util';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join, relative } from 'node:path';
import type { Side } from './codec.ts';
import { ProtocolError } from './frame-pipe.ts';
import type { Request } from './peer.ts';
import { memberName, type Property } from './remote-objects.ts';

export interface JudgeSideOptions {
  /** The root of the kit with the tests. */
  readonly reference: string;
  /** The root of the kit as the student's process sees it. */
  readonly kit: string;
  readonly exportOf: Side['exportOf'];
  /** Whether objects with methods stay in the judge; else their fields are copied. */
  readonly hasEvents: boolean;
}

export function judgeSide({ reference, kit, exportOf, hasEvents }: JudgeSideOptions): Side {
  return {
    isReference: hasEvents ? isReference : () => false,
    exportOf,
    exported() {
      throw new ProtocolError('the judge exports nothing');
    },
    urlText(url) {
      if (url.protocol !== 'file:') return url.href;
      const path = relative(reference, fileURLToPath(url));
      return path.startsWith('..') ? url.href : pathToFileURL(join(kit, path)).href;
    },
  };
}

/** An object with methods, or with properties that are computed. */
function isReference(object: object): boolean {
  if (types.isProxy(object)) return true;
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null)
    return typeof (object as { next?: unknown }).next !== 'function';
  return Object.values(Object.getOwnPropertyDescriptors(object)).some(({ get }) => get !== undefined);
}

/** Serves a request of the student's process. */
export function serveStudent([operation, target, ...rest]: Request): unknown {
  switch (operation) {
    case 'apply':
      if (typeof target === 'function') return target(...rest);
      break;
    case 'method': {
      const [name, ...args] = rest;
      const method = isIterator(target) ? iteratorMethod(target, name) : ownMember(target, name);
      if (typeof method === 'function') return Reflect.apply(method, target, args);
      break;
    }
    case 'property': {
      const value = ownMember(target, rest[0]);
      return (typeof value === 'function' ? [true, undefined] : [false, value]) satisfies Property;
    }
    case 'set': {
      const [name, value] = rest;
      Reflect.apply(setterOf(target, name), target, [value]);
      return undefined;
    }
  }
  throw new ProtocolError('the student calls what it was given, and nothing else');
}

function isIterator(target: unknown): target is Iterator<unknown> {
  return (
    typeof target === 'object' && target !== null && typeof (target as { next?: unknown }).next === 'function'
  );
}

function iteratorMethod(target: Iterator<unknown>, name: unknown): unknown {
  return name === 'next' || name === 'return' ? target[name] : undefined;
}

function ownMember(target: unknown, text: unknown): unknown {
  const name = memberName(text);
  if (descriptorOf(target, name) === undefined) return undefined;
  return (target as Record<string | symbol, unknown>)[name];
}

/** Only what the object's class, or the object itself, lets others set. */
function setterOf(target: unknown, text: unknown): (value: unknown) => void {
  const set = descriptorOf(target, memberName(text))?.set;
  if (set === undefined) throw new TypeError(`the property ${String(text)} cannot be set`);
  return set;
}

/** Not of what every object has: `constructor` leads to all that this process can do. */
function descriptorOf(target: unknown, name: string | symbol): PropertyDescriptor | undefined {
  if (typeof target !== 'object' || target === null || !isReference(target))
    throw new ProtocolError('the student uses objects that it was given by reference');
  if (name === 'constructor') return undefined;
  for (let owner: object | null = target; owner !== null && owner !== Object.prototype; ) {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name);
    if (descriptor !== undefined) return descriptor;
    owner = Object.getPrototypeOf(owner) as object | null;
  }
  return undefined;
}
