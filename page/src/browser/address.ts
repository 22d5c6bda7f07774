import { batch } from '@preact/signals';
import { lessonFromAddress } from './lesson-player.ts';
import { pause } from './player.ts';
import { runFromAddress } from './playground.ts';
import { replayFromAddress, traceAsked } from './replay.ts';
import { language, view } from './view.ts';

/** Shows what the address names, now and whenever it changes. */
export function followAddress(): void {
  // Not `location`: before this event comes, the end of a run may have noted its own address there.
  addEventListener('hashchange', ({ newURL }) => open(new URL(newURL).hash));
  open(location.hash);
}

/** The query names a file, and the fragment nothing else. */
function hasTrace(hash: string): boolean {
  return hash.length < 2 && traceAsked() !== undefined;
}

function open(hash: string): void {
  const asked = new URLSearchParams(hash.slice(1));
  batch(() => {
    pause();
    language.value = asked.get('lang') === 'pt' ? 'pt' : 'en';
    view.value = asked.has('lesson')
      ? 'lesson'
      : asked.has('lessons')
        ? 'lessons'
        : asked.has('replay') || hasTrace(hash)
          ? 'replay'
          : 'playground';
    if (view.value === 'lesson') lessonFromAddress(asked);
    if (view.value === 'playground') runFromAddress(asked);
    if (view.value === 'replay') replayFromAddress();
  });
}
