import { html, render } from 'htm/preact';
import { App } from './app.ts';
import { listenToKeys } from './keys.ts';
import { runFromAddress } from './playground.ts';

render(html`<${App} />`, document.querySelector('#page') as HTMLElement);
listenToKeys();
runFromAddress();
