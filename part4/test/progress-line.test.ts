/** How a long command says how far it is. */
import t from 'tap';
import { ProgressLine } from '../src/client/progress-line.ts';

function lines(isTTY: boolean): { line: ProgressLine; written: string[]; clock: { now: number } } {
  const written: string[] = [];
  const clock = { now: 1_000 };
  const line = new ProgressLine({ isTTY, write: (text) => written.push(text) }, () => clock.now);
  return { line, written, clock };
}

t.test('elsewhere than on a terminal: a line every two seconds, with rate and remaining time', async (t) => {
  const { line, written, clock } = lines(false);
  for (const second of [0, 1, 2, 3, 4]) {
    clock.now = 1_000 + second * 1_000;
    line.show('loading', second * 1_000, 10_000);
  }
  line.end();
  t.same(written, [
    'loading: 2,000 of 10,000 entries (20 %), 1,000/s, 8 s left\n',
    'loading: 4,000 of 10,000 entries (40 %), 1,000/s, 6 s left\n',
  ]);
});

t.test(
  'on a terminal: one line that changes, and is gone at the end; each step has its own rate',
  async (t) => {
    const { line, written, clock } = lines(true);
    line.show('checking', 500, 1_000);
    clock.now += 1_000;
    line.show('checking', 1_000, 1_000);
    line.show('loading', 0, 300_000);
    clock.now += 1_000;
    line.show('loading', 1_000, 300_000);
    line.end();
    t.same(written, [
      '\r\u001b[Kchecking: 1,000 of 1,000 entries (100 %), 500/s, 0 s left',
      '\r\u001b[Kloading: 1,000 of 300,000 entries (0 %), 1,000/s, 5 min left',
      '\r\u001b[K',
    ]);
  },
);
