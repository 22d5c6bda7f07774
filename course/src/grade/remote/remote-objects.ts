/** What stands for objects that stay on the other side. */

type CallMethod = (name: string, args: readonly unknown[]) => unknown;

export class RemoteIterator implements Iterator<unknown>, Iterable<unknown> {
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

export class RemoteAsyncIterator implements AsyncIterator<unknown>, AsyncIterable<unknown> {
  readonly #call: CallMethod;

  constructor(call: CallMethod) {
    this.#call = call;
  }

  next(...args: unknown[]): Promise<IteratorResult<unknown>> {
    return this.#call('next', args) as Promise<IteratorResult<unknown>>;
  }

  return(...args: unknown[]): Promise<IteratorResult<unknown>> {
    return this.#call('return', args) as Promise<IteratorResult<unknown>>;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** How the other side describes a property: whether it is a method, and else its value. */
export type Property = readonly [isMethod: boolean, value: unknown];

const symbolNames = new Map<string | symbol, string>([
  [Symbol.iterator, '@@iterator'],
  [Symbol.asyncIterator, '@@asyncIterator'],
]);

/** Symbols that name methods travel as their descriptions. */
export function memberName(name: unknown): string | symbol {
  for (const [symbol, text] of symbolNames) if (text === name) return symbol;
  return String(name);
}

export function memberText(name: string | symbol): string | undefined {
  return typeof name === 'string' ? name : symbolNames.get(name);
}

export interface RemoteAccess {
  readonly read: (name: string) => unknown;
  readonly write: (name: string, value: unknown) => void;
  readonly call: CallMethod;
}

/** An object whose properties are read and set, and whose methods are called, on the other side. */
export function remoteObject(
  type: (abstract new (...args: never[]) => object) | undefined,
  { read, write, call }: RemoteAccess,
): object {
  const methods = new Map<string, (...args: unknown[]) => unknown>();
  return new Proxy(Object.create((type?.prototype as object | undefined) ?? Object.prototype) as object, {
    get(target, name) {
      const text = memberText(name);
      if (text === undefined || text === 'constructor') return Reflect.get(target, name) as unknown;
      const known = methods.get(text);
      if (known !== undefined) return known;
      const [isMethod, value] = read(text) as Property;
      if (!isMethod) return value;
      const method = (...args: unknown[]) => call(text, args);
      methods.set(text, method);
      return method;
    },
    set(_target, name, value) {
      const text = memberText(name);
      if (text === undefined) return false;
      write(text, value);
      return true;
    },
  });
}
