import { signal } from '@preact/signals';
import { type RunName, runQuery } from './run-name.ts';

/** Which part of the page is shown, and in which language. Everything else in the address belongs to that part. */

export const languages = ['en', 'pt'] as const;
export type Language = (typeof languages)[number];

export const view = signal<'playground' | 'lessons' | 'lesson' | 'replay'>('playground');
export const language = signal<Language>('en');

/** The address of the list of lessons. */
export function lessonsAddress(shownIn: Language): string {
  return `#lessons=&lang=${shownIn}`;
}

/** The address at which a file is opened. */
export function replayAddress(shownIn: Language): string {
  return `#replay=&lang=${shownIn}`;
}

/** The address of a lesson's step; steps count from 1. */
export function lessonAddress(name: string, step: number, shownIn: Language): string {
  return `#${new URLSearchParams({ lesson: name, step: String(step), lang: shownIn })}`;
}

/** The address of an event in a run; without one, the page chooses. */
export function playgroundAddress(run: RunName, step: number | undefined, shownIn: Language): string {
  const asked = runQuery(run, step);
  if (shownIn !== 'en') asked.set('lang', shownIn);
  return `#${asked}`;
}
