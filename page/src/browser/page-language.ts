import { effect, type ReadonlySignal } from '@preact/signals';
import { language } from './view.ts';

/** Keeps the document's language and title those that are chosen. */
export function followLanguage(title: ReadonlySignal<string>): void {
  effect(() => {
    document.documentElement.lang = language.value === 'pt' ? 'pt-PT' : 'en';
    document.title = title.value;
  });
}
