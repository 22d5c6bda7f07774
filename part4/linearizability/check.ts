import { describeOperation, type Operation } from './operation.ts';
import { Search, type SearchResult } from './search.ts';
import { Steps } from './step.ts';

/**
 * How many steps one search may take, including those that it repeats after a wrong choice: a few seconds, and 100 MiB for what
 * it remembers, also beside thousands of keys.
 */
const stepsMaxDefault = 2_000_000;
/** How many of the operations before a dead end a description shows. */
const shownMax = 10;

export interface CheckOptions {
  /** The limit of each search. It counts steps, not time, so that the same history always gets the same verdict. */
  readonly stepsMax?: number;
}

export type CheckResult =
  | {
      readonly verdict: 'linearizable';
      /** One order that explains every answer, for each key; with `key` undefined, for the whole history. */
      readonly orders: readonly { readonly key: string | undefined; readonly order: readonly Operation[] }[];
    }
  | {
      readonly verdict: 'not-linearizable' | 'unknown';
      /** The key whose operations decided the verdict; undefined if the operations of all keys together did. */
      readonly key: string | undefined;
      /** The longest order of operations found; empty when the verdict is unknown and no dead end was met. */
      readonly prefix: readonly Operation[];
      /**
       * The operations that cannot follow `prefix`: first the one that has to come next, then those that prevent it.
       */
      readonly stuck: readonly Operation[];
      /** A description of a few lines. */
      readonly description: string;
    };

/**
 * Checks whether a history of the clients of one table is linearizable (Herlihy & Wing 1990). The table is empty at first.
 *
 * put, also on condition, get, has and del concern one key. A history of them is linearizable if and only if the history of each key is, so
 * each key is searched separately. `size` and `keys` concern all keys. With them, each key is still searched separately
 * first, together with what the answers to `keys` say about it; this finds most faults and names the key. But then only
 * a search over all operations together can prove "linearizable". It may need too many steps, and then the verdict is
 * "unknown".
 *
 * "unknown" is not a pass: see {@link assertLinearizable}.
 */
export function check(history: readonly Operation[], options: CheckOptions = {}): CheckResult {
  const stepsMax = options.stepsMax ?? stepsMaxDefault;
  const operations = history.filter(({ outcome }) => outcome !== 'did-not-happen');
  const wide = operations.filter(
    ({ kind, outcome }) => (kind === 'size' || kind === 'keys') && outcome === 'ok',
  );
  const byKey = partition(operations);
  const orders: { key: string | undefined; order: readonly Operation[] }[] = [];
  let unknown: CheckResult | undefined;
  for (const [key, ofKey] of byKey) {
    const result = new Search(stepsOfKey(key, ofKey, wide)).run(stepsMax);
    if (result.verdict === 'not-linearizable') return failure(key, result);
    if (result.verdict === 'unknown') unknown ??= failure(key, result);
    orders.push({ key, order: result.order.map(({ operation }) => operation) });
  }
  if (wide.length === 0) return unknown ?? { verdict: 'linearizable', orders };
  const steps = new Steps([...byKey.keys()]);
  for (const operation of operations) steps.add(operation);
  const result = new Search(steps).run(stepsMax);
  if (result.verdict !== 'linearizable') return failure(undefined, result);
  const order = result.order.map(({ operation }) => operation);
  return { verdict: 'linearizable', orders: [{ key: undefined, order }] };
}

/** @throws Error with the description unless the verdict is "linearizable" */
export function assertLinearizable(history: readonly Operation[], options: CheckOptions = {}): void {
  const result = check(history, options);
  if (result.verdict !== 'linearizable') throw new Error(result.description);
}

/** The operations on each key. The keys are all that requests or answers name. */
function partition(operations: readonly Operation[]): Map<string, Operation[]> {
  const byKey = new Map<string, Operation[]>();
  const ofKey = (key: string): Operation[] => {
    const known = byKey.get(key) ?? [];
    byKey.set(key, known);
    return known;
  };
  for (const operation of operations) {
    if ('key' in operation) ofKey(operation.key).push(operation);
    else if (operation.kind === 'keys' && operation.outcome === 'ok') operation.result.forEach(ofKey);
  }
  return byKey;
}

function stepsOfKey(key: string, ofKey: readonly Operation[], wide: readonly Operation[]): Steps {
  const steps = new Steps([key]);
  for (const operation of ofKey) steps.add(operation);
  for (const operation of wide) {
    if (operation.kind === 'keys' && operation.outcome === 'ok')
      steps.addPresence(operation, { key, present: operation.result.includes(key) });
  }
  return steps;
}

function failure(key: string | undefined, result: SearchResult): CheckResult {
  const verdict = result.verdict === 'unknown' ? 'unknown' : 'not-linearizable';
  const prefix = result.order.map(({ operation }) => operation);
  const stuck = result.stuck.map(({ operation }) => operation);
  const where = key === undefined ? 'all keys together' : `key ${JSON.stringify(key)}`;
  const reason = verdict === 'unknown' ? ` after ${result.stepsTried} steps` : '';
  const lines = [`${verdict}${reason}: ${where}`];
  if (stuck.length > 0) {
    lines.push(`the longest order found has ${prefix.length} operations and ends:`);
    lines.push(...prefix.slice(-shownMax).map((operation) => `  ${describeOperation(operation)}`));
    lines.push('the first of these has to come next, and no order places them all:');
    lines.push(...stuck.slice(0, shownMax).map((operation) => `  ${describeOperation(operation)}`));
  }
  return { verdict, key, prefix, stuck, description: lines.join('\n') };
}
