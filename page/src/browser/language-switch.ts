import { html } from 'htm/preact';
import { language, languages } from './view.ts';
import { word } from './words.ts';

const languageNames = { en: 'English', pt: 'Português' };

export function LanguageSwitch() {
  return html`
    <div role="group" aria-label=${word.value.languages} class="languages">
      ${languages.map((one) => {
        const choose = () => {
          language.value = one;
        };
        return html`<button key=${one} lang=${one} aria-pressed=${language.value === one} onClick=${choose}>${languageNames[one]}</button>`;
      })}
    </div>
  `;
}
