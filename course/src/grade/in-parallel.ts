import { availableParallelism } from 'node:os';

/** Works on the items in their order, with as many at a time as there are processors. `processor` is that of the item. */
export async function inParallel<T>(
  items: readonly T[],
  work: (item: T, processor: number) => Promise<void>,
  jobs = availableParallelism(),
): Promise<void> {
  const left = items.values();
  const worker = async (processor: number) => {
    for (const item of left) await work(item, processor);
  };
  await Promise.all(Array.from({ length: jobs }, (_, processor) => worker(processor)));
}
