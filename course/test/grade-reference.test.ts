/** The reference earns all points of all steps, judged as a submission is. Other tests grade some rules of a part, for their time. */
import t from 'tap';
import { GradedPart } from './support/graded-part.ts';

t.setTimeout(1_200_000);

for (const number of [1, 2, 3, 4]) {
  t.test(`part ${number}: the reference earns all points`, async (t) => {
    const measured = await new GradedPart(t, number).measureReference();
    t.not(measured.length, 0, 'it was measured here and now');
  });
}
