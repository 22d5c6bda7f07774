import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import type { KeysFound } from '../../dashboard/live-messages.ts';
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
const trouble = signal<string | undefined>(undefined);
const isBusy = signal(false);

/** Some keys at a time, of those that begin with a text and contain another. */
export function KeyBrowser() {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.target as HTMLFormElement);
    void show({ prefix: String(data.get('begin')), contains: String(data.get('part')), pages: [0] });
  };
  return html`
    <section class="keys-found">
      <h2>Keys</h2>
      <form class="hand" onSubmit=${submit}>
        <label>begin with <input name="begin" autocomplete="off" spellcheck="false" /></label>
        <label>contain <input name="part" autocomplete="off" spellcheck="false" /></label>
        <button>Search</button>
      </form>
      ${trouble.value !== undefined && html`<p class="bad" role="alert">${trouble.value}</p>`}
      ${found.value !== undefined && html`<${Found} found=${found.value} />`}
    </section>
  `;
}

function Found({ found: { keys, next, looked } }: { readonly found: KeysFound }) {
  const asked = search.value;
  if (asked === undefined) return undefined;
  const { pages } = asked;
  const back = () => show({ ...asked, pages: pages.slice(0, -1) });
  const forth = () => show({ ...asked, pages: [...pages, next] });
  return html`
    <p class="quiet" role="status">Page ${pages.length}: ${groupedNumber(keys.length)} keys of ${groupedNumber(looked)} looked at${next === 0 ? ', which are the last' : ''}</p>
    ${keys.length > 0 && html`<ul tabindex="0" aria-label="Keys found">${keys.map((key) => html`<li key=${key}><button class="key" onClick=${() => showKey(key)}>${key === '' ? '(the empty key)' : key}</button></li>`)}</ul>`}
    <div class="buttons">
      <button disabled=${pages.length === 1 || isBusy.value} onClick=${back}>Page before</button>
      <button disabled=${next === 0 || isBusy.value} onClick=${forth}>Next page</button>
    </div>
  `;
}

async function show(asked: Search): Promise<void> {
  if (isBusy.value) return;
  isBusy.value = true;
  const { prefix, contains, pages } = asked;
  const query = new URLSearchParams({ prefix, contains, from: String(pages.at(-1) ?? 0) });
  try {
    found.value = await getJson<KeysFound>(`api/keys?${query}`);
    search.value = asked;
    trouble.value = undefined;
  } catch (error) {
    const { message } = error as Error;
    // The place in the walk is of use only while the same server is the tail.
    trouble.value =
      message.startsWith('BAD_REQUEST') && pages.length > 1
        ? 'Another server is the tail now: search again.'
        : message;
  } finally {
    isBusy.value = false;
  }
}
