import { computed } from '@preact/signals';
import { html, render } from 'htm/preact';
import { followLanguage } from '../page-language.ts';
import { liveWord } from '../words/live.ts';
import { keepLanguageInAddress } from './live-address.ts';
import { LiveApp } from './live-app.ts';
import { listen } from './live-source.ts';

listen();
keepLanguageInAddress();
followLanguage(computed(() => liveWord.value.title));
const page = document.querySelector('#page') as HTMLElement;
page.replaceChildren();
render(html`<${LiveApp} />`, page);
