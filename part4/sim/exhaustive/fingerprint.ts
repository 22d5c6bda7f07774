/** A text that two values share when they hold the same: fields, lists, bytes and maps in their order. */
export function fingerprint(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `${value};`;
  let text = '{';
  if (value instanceof Map) {
    for (const [key, item] of value) text += fingerprint(key) + fingerprint(item);
  } else if (Array.isArray(value) || value instanceof Uint8Array) {
    for (const item of value) text += fingerprint(item);
  } else {
    for (const key of Object.keys(value)) text += `${key}:${fingerprint(Reflect.get(value, key))}`;
  }
  return `${text}}`;
}

/** A hash of texts in their order, 64 bits: two of them by chance the same would hide a state. */
export class Hash {
  #low = 0x811c9dc5;
  #high = 0x01234567;

  get text(): string {
    return `${this.#low.toString(36)}.${this.#high.toString(36)}`;
  }

  add(text: string): this {
    let [low, high] = [this.#low, this.#high];
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      low = Math.imul(low ^ code, 0x01000193) >>> 0;
      high = (Math.imul(high, 0x5bd1e995) + code) >>> 0;
    }
    this.#low = Math.imul(low ^ 0x1f, 0x01000193) >>> 0;
    this.#high = (Math.imul(high, 0x5bd1e995) + 0x1f) >>> 0;
    return this;
  }
}
