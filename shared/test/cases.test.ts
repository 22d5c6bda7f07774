import { cases } from '@tablelab/shared/testing';
import t from 'tap';

/** Counts like a test of tap. */
function tally() {
  const comments: string[] = [];
  return {
    counts: { fail: 0 },
    parser: { emitResult: () => undefined },
    comments,
    comment: (text: string) => comments.push(text),
  };
}

t.test('without failures, all items come in order', async (t) => {
  const test = tally();
  test.counts.fail = 5;
  t.strictSame(
    [...cases(test, new Set(['a', 'b', 'c', 'd']))],
    ['a', 'b', 'c', 'd'],
    'failures before the loop do not count',
  );
  t.strictSame(test.comments, []);
});

t.test('after the third failure, no more items come, and one line says how many are left', async (t) => {
  const test = tally();
  const seen: number[] = [];
  for (const item of cases(test, Array(10).keys())) {
    seen.push(item);
    if (item % 2 === 1) test.counts.fail += 1;
  }
  t.strictSame(seen, [0, 1, 2, 3, 4, 5]);
  t.strictSame(test.comments, ['stopped after 3 failures with 4 of 10 cases left']);
});

t.test('after the last item there is nothing to say', async (t) => {
  const test = tally();
  for (const _ of cases(test, ['only'])) test.counts.fail += 3;
  t.strictSame(test.comments, []);
});
