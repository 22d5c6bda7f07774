import { html } from 'htm/preact';
import type { VNode } from 'preact';

export type FieldValues = Readonly<Record<string, string | number | VNode>>;

/** Names and values, in two columns. */
export function Fields({ fields }: { readonly fields: FieldValues }) {
  return html`<dl>${Object.entries(fields).map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
