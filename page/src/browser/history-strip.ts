import { html } from 'htm/preact';
import { useRef, useState } from 'preact/hooks';
import { HistoryEvents, Mark } from './history-events.ts';
import type { CheckedHistory } from './history-file.ts';
import { letterPx, rowsOf } from './space-time-layout.ts';
import { fixed } from './words/numbers.ts';
import { word } from './words.ts';

/** In pixels. */
const eventWidth = 12;
const namesWidth = 60;
const laneHeight = 20;
/** Above the lanes, for the marks of views and faults. */
const marksHeight = 22;
/** Calls and answers that are drawn at one time. */
const eventsShown = 160;
/** How much of what is in sight lies before the event that is asked for. */
const shareBefore = 0.4;

interface StripProps {
  readonly name: string;
  readonly history: CheckedHistory;
}

/**
 * The operations of a history, a row for each client, or several where its calls overlap. The axis counts calls and answers and not milliseconds,
 * because a history has long pauses and much at once.
 */
export function HistoryStrip({ name, history: { verdict, operations, noOrder, events } }: StripProps) {
  const moments = operations.flatMap(({ callMs, returnMs }) => [callMs, returnMs ?? callMs]);
  const times = [...new Set([...moments, ...events.map(({ at }) => at)])].sort((one, other) => one - other);
  const places = new Map(times.map((ms, index) => [ms, index]));
  const placeOf = (ms: number) => places.get(ms) ?? 0;
  const part = noOrder.flatMap((index) => operations[index] ?? []);
  const lastOdd = Math.max(0, ...part.map(({ callMs, returnMs }) => placeOf(returnMs ?? callMs)));
  const limit = Math.max(0, times.length - eventsShown);
  const [asked, setFirst] = useState(Math.round(lastOdd - eventsShown * 0.7));
  const first = Math.max(0, Math.min(asked, limit));
  const last = Math.min(first + eventsShown, times.length) - 1;
  const x = (place: number) =>
    namesWidth + (Math.max(first - 0.5, Math.min(place, last + 0.5)) - first + 0.5) * eventWidth;
  const strip = useRef<HTMLElement>(null);
  const show = (at: number) => {
    const element = strip.current;
    if (element === null) return;
    const inSight = (element.clientWidth - namesWidth) / eventWidth;
    setFirst(Math.round(placeOf(at) - Math.min(eventsShown, inSight) * shareBefore));
    element.scrollLeft = 0;
  };
  const oddOnes = new Set(part);
  const lanes: {
    readonly client: string;
    readonly top: number;
    readonly own: typeof operations;
    readonly rows: readonly number[];
  }[] = [];
  let height = events.length === 0 ? 4 : marksHeight;
  for (const client of new Set(operations.map((operation) => operation.client))) {
    const own = operations.filter((operation) => operation.client === client);
    const rows = rowsOf(own);
    lanes.push({ client, top: height, own, rows });
    height += (1 + Math.max(...rows)) * laneHeight;
  }
  const texts = {
    linearizable: word.value.hasOrder,
    'not-linearizable': word.value.hasNoOrder,
    unknown: word.value.mayHaveOrder,
  };
  const lastOne = part.at(-1);
  return html`
    <p role="status" class=${verdict === 'linearizable' ? 'good' : 'bad'}>${texts[verdict](operations.length)} <span class="quiet">${name}</span></p>
    <div class="strip" ref=${strip} tabindex="0" role="region" aria-label=${word.value.strip(first + 1, last + 1, times.length)}>
      <svg width=${namesWidth + eventsShown * eventWidth} height=${height} role="img" aria-label=${name}>
        ${events.map((event, index) => {
          const place = placeOf(event.at);
          if (place < first || place > last) return undefined;
          return html`<${Mark} key=${index} event=${event} x=${x(place)} height=${height} />`;
        })}
        ${lanes.map(
          ({ client, top, own, rows }) => html`
          <g key=${client} class="operation">
            <text x="0" y=${top + 13}>${client}</text>
            ${own.map((operation, index) => {
              const { callMs, returnMs, outcome, text } = operation;
              const [from, to] = [placeOf(callMs), placeOf(returnMs ?? callMs)];
              if (to < first || from > last) return undefined;
              const isOdd = oddOnes.has(operation);
              const y = top + (rows[index] ?? 0) * laneHeight;
              const width = Math.max(eventWidth, x(to) - x(from));
              const shown = `${isOdd ? '⚠ ' : outcome === 'ok' ? '' : '? '}${text}`;
              return html`<g key=${index}><title>${`${shown}\n${fixed(callMs, 1)} ms`}</title><rect class=${`operation-box ${outcome}${isOdd ? ' odd' : ''}`} x=${x(from)} y=${y} width=${width} height="16" rx="3" />${shown.length * letterPx < width ? html`<text x=${x(from) + 4} y=${y + 12}>${shown}</text>` : isOdd && html`<text x=${x(from) + width / 2} y=${y + 12} text-anchor="middle">⚠</text>`}</g>`;
            })}
          </g>`,
        )}
      </svg>
    </div>
    <div class="buttons">
      <button onClick=${() => setFirst(first - eventsShown / 2)} disabled=${first === 0}>← ${word.value.earlier}</button>
      <button onClick=${() => setFirst(first + eventsShown / 2)} disabled=${first === limit}>${word.value.later} →</button>
      <span class="quiet">${word.value.strip(first + 1, last + 1, times.length)}</span>
    </div>
    ${events.length > 0 && html`<${HistoryEvents} events=${events} show=${show} />`}
    ${lastOne !== undefined && html`<div class="no-order"><p>⚠ ${word.value.noOrder(part.length, lastOne.client, lastOne.text)}</p><ol>${part.map(({ client, text, callMs }, index) => html`<li key=${index}>${fixed(callMs, 0)} ms ${client}: ${text}</li>`)}</ol></div>`}
  `;
}
