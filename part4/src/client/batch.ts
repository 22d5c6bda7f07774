import { isCount, TableError, wrongArgument } from '@tablelab/shared';

export interface BatchOptions {
  /** How many calls may be without an outcome at once. Default: 256. The values of so many calls are in memory. */
  readonly inFlightMax?: number;
}

/** What came of the call for one item. */
export type BatchOutcome<Item, Value> =
  | { readonly item: Item; readonly value: Value; readonly error?: undefined }
  | { readonly item: Item; readonly value?: undefined; readonly error: TableError };

const inFlightMaxDefault = 256;

/**
 * Calls `call` for each item, in order and several at once, and yields the outcomes in the order of the items. The next item
 * is taken only when there is room, so that `items` may be endless or come from a file. A TableError is the outcome of its
 * item, and the other items go on; any other error ends the batch. A batch that ends early, also by `break`, first waits for
 * the calls under way: pass them an AbortSignal to end these, too.
 * @throws TableError BAD_REQUEST for an `inFlightMax` that is no whole number from 1
 */
export async function* batch<Item, Value>(
  items: Iterable<Item> | AsyncIterable<Item>,
  call: (item: Item) => Promise<Value>,
  { inFlightMax = inFlightMaxDefault }: BatchOptions = {},
): AsyncGenerator<BatchOutcome<Item, Value>, void, undefined> {
  if (!isCount(inFlightMax) || inFlightMax === 0) {
    throw wrongArgument('inFlightMax is a whole number from 1', inFlightMax);
  }
  const inFlight: Promise<BatchOutcome<Item, Value>>[] = [];
  try {
    for await (const item of items) {
      const outcome = outcomeOf(item, call);
      // It is awaited in its turn; until then, its failure is no unhandled rejection.
      outcome.catch(() => undefined);
      inFlight.push(outcome);
      if (inFlight.length === inFlightMax) yield await (inFlight.shift() as (typeof inFlight)[0]);
    }
    for (let next = inFlight.shift(); next !== undefined; next = inFlight.shift()) yield await next;
  } finally {
    await Promise.allSettled(inFlight);
  }
}

async function outcomeOf<Item, Value>(
  item: Item,
  call: (item: Item) => Promise<Value>,
): Promise<BatchOutcome<Item, Value>> {
  try {
    return { item, value: await call(item) };
  } catch (error) {
    if (error instanceof TableError) return { item, error };
    throw error;
  }
}
