import { UsageError } from '@tablelab/shared/command-line';
import type { CoursePart } from './course-file.ts';

/** `1..3`, `2` or `1,3`; undefined means all. */
export function stepNumbers(text: string | undefined): number[] | undefined {
  if (text === undefined) return undefined;
  const numbers = text.split(',').flatMap((piece) => {
    const [, first, last = first] = /^([1-9]\d?)(?:\.\.([1-9]\d?))?$/.exec(piece) ?? [];
    if (first === undefined)
      throw new UsageError(`--steps is a range like 1..3 or a list like 1,3, not "${text}"`);
    if (Number(last) < Number(first)) throw new UsageError(`--steps ${text} ends before it begins`);
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index);
  });
  return [...new Set(numbers)];
}

/** A part with only some of its steps. */
export function chosenSteps(part: CoursePart, numbers: readonly number[] | undefined): CoursePart {
  if (numbers === undefined) return part;
  const missing = numbers.find((number) => part.steps[number - 1] === undefined);
  if (missing !== undefined)
    throw new UsageError(`part ${part.part} has steps 1 to ${part.steps.length}, not ${missing}`);
  return { ...part, steps: part.steps.filter((_, index) => numbers.includes(index + 1)) };
}
