import { batch } from '@preact/signals';
import { lessonFromAddress } from './lesson-player.ts';
import { pause } from './player.ts';
import { runFromAddress } from './playground.ts';
import { replayFromAddress, traceAsked } from './replay.ts';
import { language, view } from './view.ts';

/** Shows what the address names, now and whenever it changes. */
export function followAddress(): void {
  addEventListener('hashchange', open);
  open();
}

/** The query names a file, and the fragment nothing else. */
function hasTrace(): boolean {
  return location.hash.length < 2 && traceAsked() !== undefined;
}

function open(): void {
  const asked = new URLSearchParams(location.hash.slice(1));
  batch(() => {
    pause();
    language.value = asked.get('lang') === 'pt' ? 'pt' : 'en';
    view.value = asked.has('lesson')
      ? 'lesson'
      : asked.has('lessons')
        ? 'lessons'
        : asked.has('replay') || hasTrace()
          ? 'replay'
          : 'playground';
    if (view.value === 'lesson') lessonFromAddress(asked);
    if (view.value === 'playground') runFromAddress(asked);
    if (view.value === 'replay') replayFromAddress();
  });
}
