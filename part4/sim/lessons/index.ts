import { committed } from './committed.ts';
import { crashInTheMiddle } from './crash-in-the-middle.ts';
import { emptyJoiner } from './empty-joiner.ts';
import type { Lesson } from './lesson.ts';
import { mistakeNoHandover } from './mistake-no-handover.ts';
import { mistakeNoLease } from './mistake-no-lease.ts';
import { mistakeNothingIsResent } from './mistake-nothing-is-resent.ts';
import { mistakeOwnNumbers } from './mistake-own-numbers.ts';
import { mistakeRepeatedWrite } from './mistake-repeated-write.ts';
import { oldHead } from './old-head.ts';
import { orderAcrossReconnects } from './order-across-reconnects.ts';
import { pausedTail } from './paused-tail.ts';
import { repeatAtTheNewHead } from './repeat-at-the-new-head.ts';
import { tailExecutesLast } from './tail-executes-last.ts';
import { totalFailure } from './total-failure.ts';
import { verifyAfterFailover } from './verify-after-failover.ts';
import { withoutZooKeeper } from './without-zookeeper.ts';

/** From what is always so to what is rare; the mistakes of the original come last. */
export const lessons: readonly Lesson[] = [
  committed,
  tailExecutesLast,
  crashInTheMiddle,
  orderAcrossReconnects,
  repeatAtTheNewHead,
  verifyAfterFailover,
  emptyJoiner,
  pausedTail,
  oldHead,
  withoutZooKeeper,
  totalFailure,
  mistakeNoHandover,
  mistakeNothingIsResent,
  mistakeRepeatedWrite,
  mistakeOwnNumbers,
  mistakeNoLease,
];
