/** A history consists of the operations of clients on one table, each with the interval in which it ran. */

/**
 * Represents the bytes of a value: a number that the test chose, a hash, base64. Values are compared as strings. A test
 * that never puts the same value twice under one key finds more faults, and its histories are checked faster.
 */
export type Value = string | number;

/** A client's request. */
export type Request =
  | { readonly kind: 'put'; readonly key: string; readonly value: Value }
  | { readonly kind: 'put-if-absent'; readonly key: string; readonly value: Value }
  | { readonly kind: 'put-if-equals'; readonly key: string; readonly expected: Value; readonly value: Value }
  | { readonly kind: 'get' | 'has'; readonly key: string }
  | { readonly kind: 'del'; readonly key: string }
  | { readonly kind: 'size' }
  | { readonly kind: 'keys' };

/**
 * The answer to a client. `get`: the value, or undefined if the key is absent. `del`: whether the key existed, or
 * undefined if the answer did not say. `has`: whether the key exists. `put-if-absent`, `put-if-equals`: whether the value was stored.
 * `size`: the number of keys. `keys`: all keys, in any order. `put`: nothing.
 */
export type Answered =
  | { readonly kind: 'put'; readonly key: string; readonly value: Value }
  | { readonly kind: 'put-if-absent'; readonly key: string; readonly value: Value; readonly result: boolean }
  | {
      readonly kind: 'put-if-equals';
      readonly key: string;
      readonly expected: Value;
      readonly value: Value;
      readonly result: boolean;
    }
  | { readonly kind: 'has'; readonly key: string; readonly result: boolean }
  | { readonly kind: 'get'; readonly key: string; readonly result?: Value | undefined }
  | { readonly kind: 'del'; readonly key: string; readonly result?: boolean | undefined }
  | { readonly kind: 'size'; readonly result: number }
  | { readonly kind: 'keys'; readonly result: readonly string[] };

/**
 * One operation. `call` and `return` are times of one clock, in any unit. If one operation returns at the same time at
 * which another is called, the two count as overlapping.
 *
 * - `ok`: it took effect once, between `call` and `return`. A write is `ok` once all servers are known to have executed it:
 *   COMMITTED, or ASSIGNED and verified later (then `return` is the time of the verify).
 * - `may-have-happened`: it takes effect once, at some time after `call`, possibly long after the client gave up; or never.
 * - `did-not-happen`: it never takes effect.
 */
export type Operation = { readonly client: string | number; readonly call: number } & (
  | ({ readonly outcome: 'ok'; readonly return: number } & Answered)
  | ({ readonly outcome: 'may-have-happened' | 'did-not-happen'; readonly return?: undefined } & Request)
);

/** Describes the operation on one line: `client 3 [10, 14] get "a" -> "1"`. */
export function describeOperation(operation: Operation): string {
  const end = operation.outcome === 'ok' ? `${operation.return}]` : '...)';
  return `client ${operation.client} [${operation.call}, ${end} ${requestAndAnswer(operation)}`;
}

/** `get "a" -> "1"` */
export function requestAndAnswer(operation: Operation): string {
  return request(operation) + answer(operation);
}

function request(operation: Operation): string {
  if (operation.kind === 'size' || operation.kind === 'keys') return operation.kind;
  const call = `${operation.kind} ${JSON.stringify(operation.key)}`;
  if (!('value' in operation)) return call;
  const value = `${call} = ${JSON.stringify(String(operation.value))}`;
  return 'expected' in operation ? `${value} where ${JSON.stringify(String(operation.expected))}` : value;
}

function answer(operation: Operation): string {
  if (operation.outcome !== 'ok') return ` (${operation.outcome.replaceAll('-', ' ')})`;
  if (operation.kind === 'put') return '';
  if (operation.kind === 'get' && operation.result === undefined) return ' -> absent';
  if (operation.kind === 'get') return ` -> ${JSON.stringify(String(operation.result))}`;
  return operation.result === undefined ? ' -> unknown' : ` -> ${JSON.stringify(operation.result)}`;
}
