import { computed, type ReadonlySignal } from '@preact/signals';
import { type Language, language } from '../view.ts';

/** What a part of the page says, in the language that is chosen. */
export function inLanguage<Words>(texts: Readonly<Record<Language, Words>>): ReadonlySignal<Words> {
  return computed(() => texts[language.value]);
}
