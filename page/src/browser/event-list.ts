import { html } from 'htm/preact';
import { bounds, frames, goTo, pause, position, recording } from './player.ts';
import { readableLine } from './readable-line.ts';
import { playgroundWord } from './words/playground.ts';

/** The frames before the present one that are shown, too. */
const before = 7;

/** What has happened last. The newest comes first, so that it stays where it is as time goes on. */
export function EventList() {
  const first = Math.max(bounds.value.first, 0, position.value - before);
  const shown = frames.value.slice(first, position.value + 1).reverse();
  const show = (place: number) => {
    pause();
    goTo(place);
  };
  return html`
    <section class="events">
      <h2>${playgroundWord.value.whatHappened}</h2>
      <ol reversed>
        ${shown.map(({ step, lines }, index) => {
          const place = position.value - index;
          const isNow = place === position.value;
          return html`
            <li key=${place} aria-current=${isNow ? 'step' : undefined}>
              <button class="link" onClick=${() => show(place)}>${step}</button>
              <span>${lines.length === 0 ? playgroundWord.value.stateChanged : lines.map((line) => html`<span class="line" lang="en">${readableLine(line, recording.value?.operations ?? [])}</span>`)}</span>
            </li>
          `;
        })}
      </ol>
    </section>
  `;
}
