import { computed } from '@preact/signals';
import { html } from 'htm/preact';
import { bounds, frames, goTo, pause, recording } from './player.ts';
import { placeAt } from './space-time-layout.ts';
import { fixed } from './words/numbers.ts';
import { word } from './words.ts';

/** A call by hand, and an answer, have times just after that of their event, in milliseconds. */
export const answerMs = 0.001;

/**
 * Where a history is not linearizable: the shortest part of it for which no order exists, in the order of the calls. Empty until all of
 * its answers may be known: before the last, there is an order.
 */
export const knownNoOrder = computed(() => {
  const { noOrder = [], operations = [] } = recording.value ?? {};
  const part = noOrder.flatMap((index) => operations[index] ?? []);
  const knownMs = (frames.value[bounds.value.last]?.nowMs ?? 0) + answerMs;
  return part.every(({ callMs, returnMs }) => (returnMs ?? callMs) <= knownMs) ? part : [];
});

/** Says why a history is not linearizable. */
export function NoOrder() {
  const part = knownNoOrder.value;
  const last = part.at(-1);
  if (last === undefined) return undefined;
  const show = (ms: number) => {
    pause();
    goTo(Math.floor(placeAt(frames.value, ms)));
  };
  return html`
    <div class="no-order" role="group" aria-labelledby="no-order">
      <p id="no-order">⚠ ${word.value.noOrder(part.length, last.client, last.text)}</p>
      <ol>
        ${part.map(({ client, text, callMs, returnMs }, index) => html`<li key=${index}><button class="link" onClick=${() => show(returnMs ?? callMs)}>${fixed(callMs, 0)} ms</button> <span>${client}: ${text}</span></li>`)}
      </ol>
    </div>
  `;
}
