import { type Grade, type GradedTest, isSecret } from '../assess.ts';

/** Hidden tests come last, under names that say nothing. */
export function publicTests({ tests }: Grade): GradedTest[] {
  return [...tests.filter((test) => !test.isHidden), ...tests.filter((test) => test.isHidden)];
}

export function publicName(test: GradedTest): string {
  return isSecret(test) ? `a hidden test (#${test.rules.join(', #')})` : test.name;
}
