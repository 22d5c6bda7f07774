import { hash } from 'node:crypto';

/**
 * Fields whose values (or items, if they are lists) are immutable, so that their fingerprint is computed once.
 * Directories, views, records, updates and messages make up most of a state.
 */
const immutableFields: ReadonlySet<string> = new Set(['directory', 'view', 'record', 'lastRecord']);
const immutableItems: ReadonlySet<string> = new Set(['updates', 'incoming']);

const texts = new WeakMap<object, string>();

/** A text that is equal for equal values: fields, lists, bytes and maps in their order. */
export function fingerprint(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `${value};`;
  let text = '{';
  if (value instanceof Map) {
    for (const [key, item] of value) text += fingerprint(key) + fingerprint(item);
  } else if (Array.isArray(value) || value instanceof Uint8Array) {
    for (const item of value) text += fingerprint(item);
  } else {
    for (const key of Object.keys(value)) text += `${key}:${fieldText(key, Reflect.get(value, key))}`;
  }
  return `${text}}`;
}

/** 160 bits, because a collision would hide a state. */
export function hashOf(text: string): string {
  return hash('sha1', text, 'base64');
}

function fieldText(key: string, value: unknown): string {
  if (immutableFields.has(key)) return knownText(value);
  if (!immutableItems.has(key) || !Array.isArray(value)) return fingerprint(value);
  let text = '{';
  for (const item of value) text += knownText(item);
  return `${text}}`;
}

function knownText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return fingerprint(value);
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = fingerprint(value);
  texts.set(value, text);
  return text;
}
