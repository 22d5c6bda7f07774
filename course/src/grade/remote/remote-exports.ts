/**
 * Stand-ins for what a module of the student exports: functions and classes that call the student's process. Their names and
 * kinds are taken from the reference's module, which is only looked at; its functions are not called.
 */
import type { KnownProperties } from './known-properties.ts';
import type { Request } from './peer.ts';
import { memberText } from './remote-objects.ts';

type Exports = Readonly<Record<string, unknown>>;
type AnyFunction = (...args: never[]) => unknown;
type AnyClass = abstract new (...args: never[]) => object;

export interface Caller {
  call(request: Request): unknown;
}

export class RemoteExports {
  readonly classes = new Map<string, AnyClass>();
  readonly #caller: Caller;
  /** What a value of the reference stands for; one value may be exported by several modules. */
  readonly #made = new Map<unknown, object>();

  readonly #shapes: ReadonlyMap<string, Exports>;
  readonly #known: KnownProperties | undefined;
  readonly #isRemote: (module: string) => boolean;
  /** Module and name of each stand-in. */
  readonly #names = new Map<object, readonly [module: string, name: string]>();

  /**
   * @param shapes what the reference's modules export.
   * @param known keeps the values of properties; undefined where a property may change without a call
   * @param isRemote whether a module is the student's. Of the others, the reference's exports are taken themselves.
   */
  constructor(
    caller: Caller,
    shapes: ReadonlyMap<string, Exports>,
    known: KnownProperties | undefined,
    isRemote: (module: string) => boolean,
  ) {
    this.#caller = caller;
    this.#shapes = shapes;
    this.#isRemote = isRemote;
    this.#known = known;
  }

  /** What a stand-in stands for. */
  exportOf(value: object): readonly [module: string, name: string] | undefined {
    return this.#names.get(value);
  }

  /** Makes the stand-ins of all classes: the student's code may return an object of any of them. */
  makeClasses(): void {
    for (const [module, shape] of this.#shapes)
      for (const [name, value] of Object.entries(shape))
        if (isClass(value)) this.#standIn(this.#definedIn(module, name, value), name, value);
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
    if (!isIndex(module)) return module;
    const isHome = ([other, shape]: readonly [string, Exports]) => !isIndex(other) && shape[name] === value;
    return [...this.#shapes].find(isHome)?.[0] ?? module;
  }

  #export(exporting: string, name: string, value: unknown): unknown {
    const module = this.#definedIn(exporting, name, value);
    if (!this.#isRemote(module)) return value;
    return typeof value === 'function'
      ? this.#standIn(module, name, value as AnyFunction)
      : this.#constant(module, name, value);
  }

  #standIn(module: string, name: string, value: AnyFunction | AnyClass): unknown {
    const made =
      this.#made.get(value) ??
      (isClass(value) ? this.#class(module, name, value) : this.#function(module, name));
    this.#made.set(value, made);
    this.#names.set(made, [module, name]);
    return made;
  }

  /** What a test expects is made of constants, so they are the reference's. Functions among them are the student's. */
  #constant(module: string, name: string, value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (!Object.values(value).some((one) => typeof one === 'function')) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [
        key,
        typeof one === 'function'
          ? (...args: unknown[]) => this.#caller.call(['member', module, name, key, ...args])
          : one,
      ]),
    );
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
    // Where the judge has the reference's class itself, an object of the student's process is one of that class, too: the reference's
    // server asks `instanceof KeyListing` of what the student's skeleton returns.
    if (!this.#isRemote(module)) Object.setPrototypeOf(remoteClass.prototype, shape.prototype as object);
    for (const [key, described] of membersOf(shape.prototype as object, Object.prototype)) {
      const member = memberText(key);
      if (key === 'constructor' || member === undefined) continue;
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
    for (const field of fieldsOf(shape)) {
      if (field in remoteClass.prototype) continue;
      Object.defineProperty(remoteClass.prototype, field, {
        get(this: object) {
          return caller.call(['get', this, field]);
        },
        configurable: true,
      });
    }
    for (const [key, { value }] of membersOf(shape, Function.prototype)) {
      if (typeof key !== 'string' || ['prototype', 'name', 'length'].includes(key)) continue;
      const standIn =
        typeof value === 'function'
          ? (...args: unknown[]) => caller.call(['static', module, name, key, ...args])
          : value;
      Object.defineProperty(remoteClass, key, { value: standIn, configurable: true });
    }
    this.classes.set(name, remoteClass);
    return remoteClass;
  }
}

/** The properties of an object and of its prototypes, the nearest first, up to `end`. */
function membersOf(from: object, end: object): Map<string | symbol, PropertyDescriptor> {
  const members = new Map<string | symbol, PropertyDescriptor>();
  for (let owner: object | null = from; owner !== null && owner !== end; ) {
    for (const key of Reflect.ownKeys(owner)) {
      const described = Object.getOwnPropertyDescriptor(owner, key);
      if (described !== undefined && !members.has(key)) members.set(key, described);
    }
    owner = Object.getPrototypeOf(owner) as object | null;
  }
  return members;
}

/** The public fields that a class declares. Lines of its methods may look like such a declaration; that does no harm. */
function fieldsOf(shape: AnyClass): string[] {
  const fields: string[] = [];
  for (
    let type: unknown = shape;
    typeof type === 'function' && type !== Function.prototype;
    type = Object.getPrototypeOf(type)
  ) {
    const text = Function.prototype.toString.call(type);
    for (const [, name = ''] of text.matchAll(
      /^\s{2,}(?!return\b|break\b|continue\b)([A-Za-z_]\w*)\s*(?:=[^=>].*)?;/gm,
    ))
      fields.push(name);
  }
  return fields;
}

function isClass(value: unknown): value is AnyClass {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

/** It passes on what other modules define. */
function isIndex(module: string): boolean {
  return module.endsWith('/index.ts');
}
