import { signal } from '@preact/signals';
import type { TextPiece } from '../server/rule-texts.ts';
import { type Language, language } from './view.ts';

/** The rules of the hand-out by their anchors, in each language. */
type Rules = Readonly<Record<Language, Readonly<Record<string, readonly TextPiece[]>>>>;

/** Undefined until they are loaded: few look at them, so nobody waits for them. */
const rules = signal<Rules | undefined>(undefined);
let isAskedFor = false;

/** The text of a rule; undefined if it is not there yet. */
export function ruleText(anchor: string): readonly TextPiece[] | undefined {
  if (!isAskedFor) {
    isAskedFor = true;
    load().catch((error: unknown) => console.warn(error));
  }
  return rules.value?.[language.value][anchor];
}

/** The address of a rule in its place among all rules. */
export function ruleAddress(anchor: string): string {
  return `rules${language.value === 'en' ? '' : `.${language.value}`}.html#${anchor}`;
}

async function load(): Promise<void> {
  const module = (await import(new URL('../../../rules.js', import.meta.url).href)) as {
    readonly rules: Rules;
  };
  rules.value = module.rules;
}
