import { highlights } from './lesson-player.ts';
import type { Flight } from './recording.ts';
import { playgroundWord } from './words/playground.ts';

/** What the step of a lesson is about, for the drawing. */

export function isHighlighted(host: string): boolean {
  return highlights.value.includes(host);
}

/** The paths between machines. */
export function highlightedPaths(): { readonly from: string; readonly to: string }[] {
  return highlights.value.flatMap((one) => (typeof one === 'string' ? [] : [one]));
}

export function isHighlightedFlight({ from, to, names }: Flight): boolean {
  return highlights.value.some(
    (one) =>
      typeof one !== 'string' &&
      one.from === from &&
      one.to === to &&
      (one.type === undefined || names.includes(one.type)),
  );
}

/** In words. */
export function highlightTexts(): string[] {
  return highlights.value.map((one) => {
    if (typeof one === 'string') return one;
    return playgroundWord.value.pathFromTo(one.type, one.from, one.to);
  });
}
