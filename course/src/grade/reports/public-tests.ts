import type { Grade, GradedTest } from '../grade.ts';

/** Hidden tests come last, under names that say nothing. */
export function publicTests({ tests }: Grade): GradedTest[] {
  return [...tests.filter((test) => !test.isHidden), ...tests.filter((test) => test.isHidden)];
}

export function publicName(test: GradedTest): string {
  return test.isHidden || test.show === 'after-due'
    ? `a hidden test (#${test.rules.join(', #')})`
    : test.name;
}
