import { ContentType, Opcode, type Reply } from '@tablelab/part2/wire';
import { Deferred } from '@tablelab/part3/deferred';
import t from 'tap';
import { bucketMs, OperationTimes, quantileMs } from '../src/status/operation-times.ts';

const put = 40;
const get = 30;

t.test('a quantile is the bound that so many times do not exceed', async (t) => {
  const times = [
    [40, 989],
    [80, 10],
    [90, 1],
  ] as const;
  t.equal(quantileMs(times, 0.5), bucketMs(40));
  t.equal(quantileMs(times, 0.99), bucketMs(80));
  t.equal(quantileMs(times, 0.999), bucketMs(80));
  t.equal(quantileMs(times, 1), bucketMs(90));
  t.equal(quantileMs([], 0.5), undefined);
});

t.test('operations count by kind, errors do not', async (t) => {
  const times = new OperationTimes(() => 0);
  times.add({ opcode: put + 1 });
  times.add({ opcode: get + 1 });
  times.add({ opcode: get + 1 });
  times.add({ opcode: Opcode.OP_ERROR });
  t.match(times.figures(), { reads: { done: 2 }, writes: { done: 1 } });
});

t.test('nothing is measured until somebody asks; then a write until its reply', async (t) => {
  let now = 0;
  const times = new OperationTimes(() => now);
  t.notOk(times.isDue(put));
  times.figures();
  t.ok(times.isDue(put));
  const reply = new Deferred<Reply>();
  times.measure(put, () => reply);
  now = 3;
  reply.settle({ opcode: put + 1, c_type: ContentType.CT_RESULT });
  const [[bucket = 0, count] = []] = times.figures().writes.times;
  t.equal(count, 1);
  t.ok(bucketMs(bucket) >= 3 && bucketMs(bucket - 1) < 3, 'within a fifth');
});

t.test(
  'of many operations, about a thousand are measured between two questions, and then no more',
  async (t) => {
    const times = new OperationTimes(() => 0);
    times.figures();
    const due = (count: number) => {
      let dueCount = 0;
      for (let at = 0; at < count; at += 1) {
        if (times.isDue(get)) dueCount += 1;
        times.add({ opcode: get + 1 });
      }
      return dueCount;
    };
    t.equal(due(100_000), 4_000, 'nobody has asked again');
    times.figures();
    t.equal(due(100_000), 1_000);
  },
);
