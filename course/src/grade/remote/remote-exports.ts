/**
 * Stand-ins for what a module of the student exports: functions and classes that call the student's process. Their names and
 * kinds are taken from the reference's module, which is only looked at; its functions are not called.
 */
import type { KnownProperties } from './known-properties.ts';
import type { Request } from './peer.ts';

type Exports = Readonly<Record<string, unknown>>;
type AnyClass = abstract new (...args: never[]) => object;

export interface Caller {
  call(request: Request): unknown;
}

export class RemoteExports {
  readonly classes = new Map<string, AnyClass>();
  readonly #caller: Caller;
  /** What a value of the reference stands for; one value may be exported by several modules. */
  readonly #made = new Map<unknown, unknown>();

  readonly #shapes: ReadonlyMap<string, Exports>;
  readonly #known: KnownProperties | undefined;

  /**
   * @param shapes what the reference's modules export.
   * @param known keeps the values of properties; undefined where a property may change without a call
   */
  constructor(caller: Caller, shapes: ReadonlyMap<string, Exports>, known?: KnownProperties) {
    this.#caller = caller;
    this.#shapes = shapes;
    this.#known = known;
  }

  module(module: string): Exports {
    const shape = Object.entries(this.#shapes.get(module) ?? {});
    return Object.fromEntries(shape.map(([name, value]) => [name, this.#export(module, name, value)]));
  }

  /**
   * The module that defines what another one only passes on. If the submission lacks an export, those which import it cannot be
   * loaded, above all the part's index; but all else can.
   */
  #definedIn(module: string, name: string, value: unknown): string {
    if (!module.endsWith('/index.ts') || typeof value !== 'function') return module;
    const isHome = ([other, shape]: readonly [string, Exports]) => other !== module && shape[name] === value;
    return [...this.#shapes].find(isHome)?.[0] ?? module;
  }

  #export(exporting: string, name: string, value: unknown): unknown {
    const module = this.#definedIn(exporting, name, value);
    if (typeof value !== 'function') return this.#value(module, name);
    const made =
      this.#made.get(value) ??
      (isClass(value) ? this.#class(module, name, value) : this.#function(module, name));
    this.#made.set(value, made);
    return made;
  }

  /** A constant. A submission that cannot be loaded has none, and its tests say why. */
  #value(module: string, name: string): unknown {
    try {
      return this.#caller.call(['value', module, name]);
    } catch {
      return undefined;
    }
  }

  #function(module: string, name: string): (...args: unknown[]) => unknown {
    return (...args) => this.#caller.call(['function', module, name, ...args]);
  }

  #class(module: string, name: string, shape: AnyClass): AnyClass {
    const caller = this.#caller;
    const known = this.#known;
    const remoteClass = class {
      // The object that stands for the student's one is made when that arrives.
      constructor(...args: unknown[]) {
        const object = caller.call(['construct', module, name, ...args]) as object;
        // biome-ignore lint/correctness/noConstructorReturn: so it becomes the object of a subclass, too
        return Object.setPrototypeOf(object, new.target.prototype as object) as this;
      }
    };
    Object.defineProperty(remoteClass, 'name', { value: name });
    for (const key of Reflect.ownKeys(shape.prototype as object)) {
      if (key === 'constructor') continue;
      const member = typeof key === 'string' ? key : key === Symbol.iterator ? '@@iterator' : undefined;
      const described = Object.getOwnPropertyDescriptor(shape.prototype, key);
      if (member === undefined || described === undefined) continue;
      const standIn =
        described.get === undefined
          ? {
              value(this: object, ...args: unknown[]) {
                known?.called(this, member);
                return caller.call(['method', this, member, ...args]);
              },
              writable: true,
            }
          : {
              get(this: object) {
                const read = () => caller.call(['get', this, member]);
                return known === undefined ? read() : known.get(this, member, read);
              },
            };
      Object.defineProperty(remoteClass.prototype, key, { ...standIn, configurable: true });
    }
    for (const key of Object.getOwnPropertyNames(shape)) {
      if (typeof (shape as unknown as Exports)[key] !== 'function' || key === 'prototype') continue;
      const method = (...args: unknown[]) => caller.call(['static', module, name, key, ...args]);
      Object.defineProperty(remoteClass, key, { value: method, configurable: true });
    }
    this.classes.set(name, remoteClass);
    return remoteClass;
  }
}

function isClass(value: unknown): value is AnyClass {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}
