import type { HistoryEvent } from '@tablelab/part4/linearizability/history-file';
import { html } from 'htm/preact';
import { chainWord } from './words/chain.ts';
import { fixed } from './words/numbers.ts';
import { word } from './words.ts';

/** Views and faults of a history that a file holds. */

const signs = { view: '◆', fault: '✗' };

function viewText({ version, servers }: Extract<HistoryEvent, { event: 'view' }>): string {
  const { noView, noServer, viewIs } = chainWord.value;
  return version < 0 ? noView : viewIs(version, servers.join(' → ') || noServer);
}

/** A line across all lanes of the strip. */
export function Mark({
  event,
  x,
  height,
}: {
  readonly event: HistoryEvent;
  readonly x: number;
  readonly height: number;
}) {
  return html`
    <g class=${`mark ${event.event}`}>
      <title>${`${event.event === 'view' ? viewText(event) : event.text}\n${fixed(event.at, 1)} ms`}</title>
      <path d=${`M${x} 16V${height}`} />
      <text x=${x} y="12" text-anchor="middle">${signs[event.event]}</text>
    </g>
  `;
}

interface EventsProps {
  readonly events: readonly HistoryEvent[];
  /** Goes there in the strip; `at` in milliseconds. */
  readonly show: (at: number) => void;
}

/** A fault is told in the words of the program that has made it. */
export function HistoryEvents({ events, show }: EventsProps) {
  return html`
    <section class="history-events">
      <h2>${word.value.viewsAndFaults}</h2>
      <ol tabindex="0" aria-label=${word.value.viewsAndFaults}>
        ${events.map(
          (event, index) => html`
          <li key=${index} class=${event.event}>
            <button class="link" onClick=${() => show(event.at)}>${fixed(event.at, 0)} ms</button>${' '}
            <span aria-hidden="true">${signs[event.event]}</span>${' '}
            ${event.event === 'view' ? html`<span>${viewText(event)}</span>` : html`<span lang="en">${event.text}</span>`}
          </li>`,
        )}
      </ol>
    </section>
  `;
}
