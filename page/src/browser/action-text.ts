import type { Action } from './edits.ts';

/** A deed in a few words: `kill s1`. Without the label of a call, which is for conditions of lessons. */
export function actionText({ do: kind, ...fields }: Action): string {
  const texts = Object.entries(fields)
    .filter(([name]) => name !== 'as')
    .map(([, value]) => (typeof value === 'object' ? JSON.stringify(value) : value));
  return [kind, ...texts].join(' ');
}
