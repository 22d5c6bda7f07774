import { TableError } from '@tablelab/shared';
import { eventually } from '@tablelab/shared/testing';
import t from 'tap';
import { batch } from '../src/client/batch.ts';

const deadlineMs = 10_000;

/** Calls that end when the test says so. */
function controlled() {
  const begun: { item: number; end: (error?: Error) => void }[] = [];
  const call = (item: number): Promise<string> =>
    new Promise((resolve, reject) => {
      begun.push({ item, end: (error) => (error === undefined ? resolve(`of ${item}`) : reject(error)) });
    });
  return { begun, call };
}

t.test('outcomes come in the order of the items, and no more calls are under way than allowed', async (t) => {
  const { begun, call } = controlled();
  let taken = 0;
  const items = function* () {
    for (let item = 0; item < 6; item += 1) {
      taken += 1;
      yield item;
    }
  };
  const outcomes: unknown[] = [];
  const done = (async () => {
    for await (const { item, ...rest } of batch(items(), call, { inFlightMax: 3 }))
      outcomes.push([item, rest]);
  })();
  await eventually(() => begun.length === 3, { deadlineMs });
  begun[2]?.end();
  begun[1]?.end();
  await new Promise(setImmediate);
  t.equal(begun.length, 3, 'the first one still counts');
  t.equal(taken, 3, 'and no further item is taken');
  begun[0]?.end();
  await eventually(() => begun.length === 6, { deadlineMs });
  t.same(
    outcomes.slice(0, 3),
    [0, 1, 2].map((item) => [item, { value: `of ${item}` }]),
  );
  const error = new TableError('FULL', 'no room', { mayHaveHappened: false });
  begun[3]?.end(error);
  begun[4]?.end();
  begun[5]?.end();
  await done;
  t.same(outcomes.slice(3), [
    [3, { error }],
    [4, { value: 'of 4' }],
    [5, { value: 'of 5' }],
  ]);
});

t.test('who leaves early waits for the calls under way, and a bug ends the batch', async (t) => {
  const { begun, call } = controlled();
  let isLeft = false;
  const left = (async () => {
    for await (const _ of batch([0, 1, 2, 3], call, { inFlightMax: 2 })) break;
    isLeft = true;
  })();
  await eventually(() => begun.length === 2, { deadlineMs });
  begun[0]?.end();
  await new Promise(setImmediate);
  t.equal(isLeft, false);
  begun[1]?.end(new TableError('TIMEOUT', 'late'));
  await left;
  t.equal(begun.length, 2);

  const other = controlled();
  const broken = (async () => {
    for await (const _ of batch([0, 1], other.call)) t.fail('there is no outcome');
  })();
  await eventually(() => other.begun.length === 2, { deadlineMs });
  other.begun[1]?.end(new TypeError('one more bug'));
  other.begun[0]?.end(new TypeError('a bug'));
  await t.rejects(broken, { name: 'TypeError', message: 'a bug' });
});

t.test('a limit that is no whole number from 1 is refused', async (t) => {
  for (const inFlightMax of [0, -1, 1.5, Number.NaN, '2' as never]) {
    await t.rejects(batch([1], async () => 1, { inFlightMax }).next(), { code: 'BAD_REQUEST' });
  }
});
