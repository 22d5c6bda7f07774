import { html } from 'htm/preact';

/** Names and values, in two columns. */
export function Fields({ fields }: { readonly fields: Readonly<Record<string, string | number>> }) {
  return html`<dl>${Object.entries(fields).map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
