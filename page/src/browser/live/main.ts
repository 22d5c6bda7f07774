import { html, render } from 'htm/preact';
import { LiveApp } from './live-app.ts';
import { listen } from './live-source.ts';

listen();
const page = document.querySelector('#page') as HTMLElement;
page.replaceChildren();
render(html`<${LiveApp} />`, page);
