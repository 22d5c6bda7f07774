import { effect } from '@preact/signals';
import { language } from '../view.ts';

/** The address names the language, unless it is English; so a link shows the same. */
export function keepLanguageInAddress(): void {
  const asked = new URLSearchParams(location.hash.slice(1));
  language.value = asked.get('lang') === 'pt' ? 'pt' : 'en';
  effect(() => {
    const address = language.value === 'en' ? location.pathname : `#lang=${language.value}`;
    history.replaceState(null, '', address);
  });
}
