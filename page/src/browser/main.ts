import { html, render } from 'htm/preact';
import { followAddress } from './address.ts';
import { App } from './app.ts';
import { listenToKeys } from './keys.ts';
import { followChanges } from './served.ts';

followAddress();
const page = document.querySelector('#page') as HTMLElement;
page.replaceChildren();
render(html`<${App} />`, page);
listenToKeys();
followChanges();
