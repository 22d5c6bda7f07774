/**
 * Arrays, plain objects, maps, sets and views of buffers that cross as copies: what one side changes later does not reach the other.
 * For code that takes events and returns effects that is enough, and a message costs only its own size. In a frame they are arrays
 * that begin with a tag:
 *
 *     ["a", ...items]   ["o", name, value, ...]   ["m", key, value, ...]   ["s", ...items]
 *     ["y", class, start, length]   a view; its bytes lie among the frame's
 */

export type Json = null | boolean | number | string | readonly Json[];

export interface ValueWriter {
  readonly value: (value: unknown) => Json;
  /** Adds bytes to the frame. */
  readonly part: (bytes: Uint8Array) => readonly [start: number, length: number];
  readonly viewKind: (view: ArrayBufferView) => string;
}

export interface ValueReader {
  readonly value: (json: unknown) => unknown;
  readonly part: (start: unknown, length: unknown) => Uint8Array;
  /** Of a whole buffer. */
  readonly view: (kind: string, buffer: ArrayBuffer) => ArrayBufferView;
}

/** Undefined for objects of other kinds, which have an identity on their own side. */
export function writeCopy(object: object, { value, part, viewKind }: ValueWriter): Json | undefined {
  if (Array.isArray(object)) {
    const items: Json[] = ['a'];
    for (const item of object) items.push(value(item));
    return items;
  }
  if (ArrayBuffer.isView(object)) {
    const bytes = new Uint8Array(object.buffer, object.byteOffset, object.byteLength);
    return ['y', viewKind(object), ...part(bytes)];
  }
  if (object instanceof Map) {
    const items: Json[] = ['m'];
    for (const [key, item] of object) items.push(value(key), value(item));
    return items;
  }
  if (object instanceof Set) {
    const items: Json[] = ['s'];
    for (const item of object) items.push(value(item));
    return items;
  }
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  const fields: Json[] = ['o'];
  for (const name of Object.keys(object)) fields.push(name, value((object as Record<string, unknown>)[name]));
  return fields;
}

/** Undefined if the tag is none of a copy's. */
export function readCopy(
  [tag, ...rest]: readonly unknown[],
  { value, part, view }: ValueReader,
): object | undefined {
  switch (tag) {
    case 'a':
      return rest.map(value);
    case 'o': {
      const object: Record<string, unknown> = {};
      for (let index = 0; index < rest.length; index += 2) {
        const name = String(rest[index]);
        const field = value(rest[index + 1]);
        // An assignment to this name would set the prototype.
        if (name !== '__proto__') object[name] = field;
        else Object.defineProperty(object, name, { value: field, enumerable: true });
      }
      return object;
    }
    case 'm': {
      const map = new Map<unknown, unknown>();
      for (let index = 0; index < rest.length; index += 2)
        map.set(value(rest[index]), value(rest[index + 1]));
      return map;
    }
    case 's':
      return new Set(rest.map(value));
    case 'y': {
      const [kind, start, length] = rest;
      return view(String(kind), new Uint8Array(part(start, length)).buffer);
    }
    default:
      return undefined;
  }
}
