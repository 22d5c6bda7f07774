import { seededRandom } from '@tablelab/shared';
import t from 'tap';

t.test('the same seed gives the same numbers, another seed others', async (t) => {
  const draw = (seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 50 }, () => random.int(1000));
  };
  t.same(draw(7), draw(7));
  t.notSame(draw(7), draw(8));
});

t.test('int returns every number below its bound, about equally often', async (t) => {
  const random = seededRandom(1);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i += 1) {
    const drawn = random.int(10);
    counts[drawn] = (counts[drawn] ?? Number.NaN) + 1;
  }
  t.equal(counts.length, 10, 'none is above the bound');
  t.ok(
    counts.every((count) => count > 800 && count < 1200),
    `each number about 1,000 times: ${counts}`,
  );
});

t.test('pick returns each of the items, and refuses an empty list', async (t) => {
  const random = seededRandom(1);
  const picked = new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c'])));
  t.same([...picked].sort(), ['a', 'b', 'c']);
  t.throws(() => random.pick([]), RangeError);
});
