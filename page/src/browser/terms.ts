import { html } from 'htm/preact';
import { termsWord } from './words/terms.ts';

/** What the words in the drawing mean. */
export function Terms() {
  const { title, terms } = termsWord.value;
  return html`
    <details class="terms">
      <summary>${title}</summary>
      <dl>${terms.map(([term, meaning]) => html`<div key=${term}><dt>${term}</dt><dd>${meaning}</dd></div>`)}</dl>
    </details>
  `;
}
