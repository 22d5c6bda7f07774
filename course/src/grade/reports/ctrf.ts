/** CTRF, the common test report format (ctrf.io), which continuous integration systems read. */
import { feedback, feedbackContext } from '../feedback.ts';
import { type Grade, stateOf } from '../grade.ts';
import { publicName, publicTests } from './public-tests.ts';

export function ctrf(grade: Grade): string {
  const context = feedbackContext(grade);
  const status = { passed: 'passed', failed: 'failed', 'not run': 'pending' } as const;
  const tests = publicTests(grade).map((test) => ({
    name: publicName(test),
    status: status[stateOf(test)],
    duration: Math.round(test.runs.reduce((sum, { ms }) => sum + ms, 0)),
    ...(stateOf(test) === 'failed' ? { message: feedback(test, context) } : {}),
    suite: [grade.part, ...test.rules],
    extra: { id: test.id, hidden: test.isHidden },
  }));
  const count = (wanted: string) => tests.filter((test) => test.status === wanted).length;
  const report = {
    reportFormat: 'CTRF',
    specVersion: '0.0.0',
    generatedBy: 'tablelab',
    timestamp: grade.startedAt.toISOString(),
    results: {
      tool: { name: 'tablelab grade' },
      summary: {
        tests: tests.length,
        passed: count('passed'),
        failed: count('failed'),
        pending: count('pending'),
        skipped: 0,
        other: 0,
        start: grade.startedAt.getTime(),
        stop: Date.now(),
      },
      tests,
      extra: { complete: grade.isComplete, seeds: grade.seeds },
    },
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
