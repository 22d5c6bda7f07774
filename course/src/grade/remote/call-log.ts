import { inspect } from 'node:util';
import type { Request } from './peer.ts';

const callsMax = 6;
const callLengthMax = 160;
const snapshotBytesMax = 16;
/** How much of a text counts for the digest, in code units. */
const digestedMax = 64;

/** The last calls of a test, to show the input of a failed assertion. */
export class CallLog {
  #calls: Request[] = [];
  /** Of the calls that may be shown. */
  #count = 0;
  #total = 0;
  #hash = 0;
  readonly #queries: ReadonlySet<unknown>;
  #isLastObserving = false;

  /** @param queries methods that change nothing, like those without arguments and like properties */
  constructor(queries: readonly string[]) {
    this.#queries = new Set(queries);
  }

  add(request: Request): void {
    for (const value of request) this.#mix(value);
    this.#total += 1;
    const isObserving = this.#isObserving(request);
    // Of what only looks at the state, the last is shown.
    if (this.#isLastObserving && this.#count > 0) this.#count -= 1;
    this.#isLastObserving = isObserving;
    // The test may change the bytes afterwards.
    const kept = request.map((value) =>
      value instanceof Uint8Array && value.length > 0 && value.length <= snapshotBytesMax
        ? new Uint8Array(value)
        : value,
    );
    this.#calls[this.#count % callsMax] = kept as unknown as Request;
    this.#count += 1;
  }

  #isObserving([operation, , name, ...args]: Request): boolean {
    return operation === 'get' || (operation === 'method' && (args.length === 0 || this.#queries.has(name)));
  }

  #mix(value: unknown): void {
    const bytes =
      value instanceof Uint8Array && value.length > 0
        ? `${value.length} ${value[0]} ${value.at(-1)}`
        : undefined;
    const text = typeof value === 'string' ? value : (bytes ?? typeof value);
    for (let index = 0; index < text.length && index < digestedMax; index += 1) {
      this.#hash = (Math.imul(this.#hash, 31) + text.charCodeAt(index)) >>> 0;
    }
  }

  clear(): void {
    this.#calls = [];
    this.#count = 0;
    this.#total = 0;
    this.#hash = 0;
    this.#isLastObserving = false;
  }

  /** The same for the same calls, as far as their names and sizes go. */
  digest(): string {
    return `${this.#total}.${this.#hash.toString(16)}`;
  }

  /** One line. */
  text(): string {
    const first = Math.max(0, this.#count - callsMax);
    const calls = Array.from(
      { length: this.#count - first },
      (_, index) => this.#calls[(first + index) % callsMax],
    );
    const texts = calls.map((call) => (call === undefined ? '' : callText(call)));
    return (first > 0 ? ['...', ...texts] : texts).join('; ');
  }
}

function callText([operation, ...rest]: Request): string {
  const list = (values: readonly unknown[]) => values.map(valueText).join(', ');
  const text = (() => {
    switch (operation) {
      case 'function':
        return `${rest[1]}(${list(rest.slice(2))})`;
      case 'construct':
        return `new ${rest[1]}(${list(rest.slice(2))})`;
      case 'static':
        return `${rest[1]}.${rest[2]}(${list(rest.slice(3))})`;
      case 'method':
        return `${rest[1]}(${list(rest.slice(2))})`;
      case 'get':
        return String(rest[1]);
      default:
        return operation;
    }
  })();
  return text.length <= callLengthMax ? text : `${text.slice(0, callLengthMax)}…`;
}

function valueText(value: unknown): string {
  if (value instanceof Uint8Array && value.length > 0) {
    const hex = Buffer.from(value.subarray(0, snapshotBytesMax)).toString('hex');
    return `${value.length} bytes ${hex}${value.length > snapshotBytesMax ? '…' : ''}`;
  }
  try {
    return inspect(value, {
      depth: 2,
      breakLength: Number.POSITIVE_INFINITY,
      maxArrayLength: 8,
      maxStringLength: 60,
    });
  } catch {
    return typeof value;
  }
}
