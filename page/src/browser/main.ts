import { computed } from '@preact/signals';
import { html, render } from 'htm/preact';
import { followAddress } from './address.ts';
import { App } from './app.ts';
import { listenToKeys } from './keys.ts';
import { followLanguage } from './page-language.ts';
import { followChanges } from './served.ts';
import { playgroundWord } from './words/playground.ts';

followAddress();
followLanguage(computed(() => playgroundWord.value.title));
const page = document.querySelector('#page') as HTMLElement;
page.replaceChildren();
render(html`<${App} />`, page);
listenToKeys();
followChanges();
