import { batch } from '@preact/signals';
import { lessonFromAddress } from './lesson-player.ts';
import { pause } from './player.ts';
import { runFromAddress } from './playground.ts';
import { language, view } from './view.ts';

/** Shows what the address names, now and whenever it changes. */
export function followAddress(): void {
  addEventListener('hashchange', open);
  open();
}

function open(): void {
  const asked = new URLSearchParams(location.hash.slice(1));
  batch(() => {
    pause();
    language.value = asked.get('lang') === 'pt' ? 'pt' : 'en';
    view.value = asked.has('lesson') ? 'lesson' : asked.has('lessons') ? 'lessons' : 'playground';
    if (view.value === 'lesson') lessonFromAddress(asked);
    if (view.value === 'playground') runFromAddress(asked);
  });
}
