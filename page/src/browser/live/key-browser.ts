import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import type { KeysFound } from '../../dashboard/live-messages.ts';
import { toolWord } from '../words/live-tools.ts';
import { getJson } from './ask-server.ts';
import { showKey } from './console-panel.ts';
import { groupedNumber } from './number-text.ts';

interface Search {
  readonly prefix: string;
  readonly contains: string;
  /** The beginnings of the pages so far; the last is the one that is shown. */
  readonly pages: readonly number[];
}

const search = signal<Search | undefined>(undefined);
const found = signal<KeysFound | undefined>(undefined);
/** Instead of an error's text: a walk through the keys cannot go on, because it belongs to the tail that there was. */
const otherTail = Symbol('another server is the tail');
const trouble = signal<string | typeof otherTail | undefined>(undefined);
const isBusy = signal(false);
/** What was asked for while another search was under way. */
let next: Search | undefined;

/** Some keys at a time, of those that begin with a text and contain another. */
export function KeyBrowser() {
  const word = toolWord.value;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.target as HTMLFormElement);
    void show({ prefix: String(data.get('begin')), contains: String(data.get('part')), pages: [0] });
  };
  return html`
    <section class="keys-found">
      <h2>${word.keys}</h2>
      <form class="hand" onSubmit=${submit}>
        <label>${word.beginWith} <input name="begin" autocomplete="off" spellcheck="false" /></label>
        <label>${word.contain} <input name="part" autocomplete="off" spellcheck="false" /></label>
        <button>${word.search}</button>
      </form>
      ${trouble.value !== undefined && html`<p class="bad" role="alert" lang=${trouble.value === otherTail ? undefined : 'en'}>${trouble.value === otherTail ? word.otherTail : trouble.value}</p>`}
      ${found.value !== undefined && html`<${Found} found=${found.value} />`}
    </section>
  `;
}

function Found({ found: { keys, next, looked } }: { readonly found: KeysFound }) {
  const asked = search.value;
  if (asked === undefined) return undefined;
  const { pages } = asked;
  const word = toolWord.value;
  const back = () => show({ ...asked, pages: pages.slice(0, -1) });
  const forth = () => show({ ...asked, pages: [...pages, next] });
  return html`
    <p class="quiet" role="status">${word.page(pages.length, groupedNumber(keys.length), groupedNumber(looked), next === 0)}</p>
    ${keys.length > 0 && html`<ul tabindex="0" aria-label=${word.keysFound}>${keys.map((key) => html`<li key=${key}><button class="key" onClick=${() => showKey(key)}>${key === '' ? word.emptyKey : key}</button></li>`)}</ul>`}
    <div class="buttons">
      <button disabled=${pages.length === 1 || isBusy.value} onClick=${back}>${word.pageBefore}</button>
      <button disabled=${next === 0 || isBusy.value} onClick=${forth}>${word.nextPage}</button>
    </div>
  `;
}

async function show(asked: Search): Promise<void> {
  next = asked;
  if (isBusy.value) return;
  isBusy.value = true;
  while (next !== undefined) {
    const one = next;
    next = undefined;
    await showOne(one);
  }
  isBusy.value = false;
}

async function showOne(asked: Search): Promise<void> {
  const { prefix, contains, pages } = asked;
  const query = new URLSearchParams({ prefix, contains, from: String(pages.at(-1) ?? 0) });
  try {
    found.value = await getJson<KeysFound>(`api/keys?${query}`);
    search.value = asked;
    trouble.value = undefined;
  } catch (error) {
    const { message } = error as Error;
    // The place in the walk is of use only while the same server is the tail.
    trouble.value = message.startsWith('BAD_REQUEST') && pages.length > 1 ? otherTail : message;
  }
}
