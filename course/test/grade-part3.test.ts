/**
 * Part 3 is graded with its threads in the sandbox: the judge keeps the models, and believes nothing but what they can check. A few rules
 * stand for all; CONTRIBUTING.md says how to grade with all.
 */
import t from 'tap';
import type { Grade } from '../src/grade/grade.ts';
import { failures, GradedPart, pointsOf, sandbox } from './support/graded-part.ts';

t.setTimeout(300_000);

const part = new GradedPart(t, 3);
const steps = part.choose(
  ['lock-fair', 'lock-holder', 'queue-limits', 'queue-close', 'write-numbers', 'message-op-n'],
  ['shared-memory-locks', 'task-queue', 'store', 'async-skeleton'].map(
    (file) => `part3/test/${file}.test.ts`,
  ),
);
const reasons = (result: Grade) =>
  failures(result).map(({ runs }) => runs[0]?.failures[0]?.got ?? 'it passed');

t.test('the reference earns all points', async (t) => {
  const result = await part.grade(part.submission(), steps);
  t.same(failures(result), []);
  t.same(pointsOf(result), ['locks 25', 'queue 25', 'executor 25', 'verify 10']);
});

t.test('the hand-out as it is earns nothing, and steps that are filled in earn their points', async (t) => {
  const handout = await part.grade(part.submission({ filled: [] }), steps);
  t.same(pointsOf(handout), ['locks 0', 'queue 0', 'executor 0', 'verify 0']);
  for (const { name, runs } of failures(handout))
    t.match(JSON.stringify(runs[0]?.failures), /yours to write: /, name);
  const half = await part.grade(part.submission({ filled: ['locks', 'queue', 'executor'] }), steps);
  t.same(pointsOf(half), ['locks 25', 'queue 25', 'executor 25', 'verify 0']);
});

const skip = sandbox === 'none' && 'no sandbox';

t.test('forged: threads whose code never gets to the section break no rule there', { skip }, async (t) => {
  const by = (source: string) => `${source}
void import('../../test/sandboxed/thread-code.ts').then(({ ThreadCode }) => {
  ThreadCode.prototype.next = () => undefined;
});`;
  const forged = part.submission({ change: { file: 'part3/src/shared-memory/mutex.ts', by } });
  const result = await part.grade(forged, part.choose(['lock-fair']));
  t.same(pointsOf(result), ['locks 0']);
  for (const got of reasons(result)) t.match(got, /ends without its turn/);
  const inputs = failures(result).map(({ runs }) => runs[0]?.failures[0]?.input);
  for (const input of inputs)
    t.match(input, /^thread 0 calls lock, thread 1 calls lock/, 'in the words of the hand-out');
});

t.test('an endless loop while the queue is locked: no point, within the limits', { skip }, async (t) => {
  const by = (source: string) => source.replace('const isClosed =', 'for (;;);\n    const isClosed =');
  const endless = part.submission({ change: { file: 'part3/src/store/task-queue.ts', by } });
  const queue = steps.filter(({ name }) => name === 'queue');
  const result = await part.grade(endless, queue);
  t.ok(result.isComplete, 'all tests ran');
  t.same(pointsOf(result), ['queue 0']);
  for (const got of reasons(result)) t.match(got, /did not return within/);
});
