import { html } from 'htm/preact';
import { act, canAct } from './edits.ts';
import { Fields } from './fields.ts';
import { isUnderWay, openMessage } from './opened-message.ts';
import { frame, opened } from './player.ts';
import type { Flight } from './recording.ts';
import { view } from './view.ts';
import { messageWord } from './words/messages.ts';
import { fixed } from './words/numbers.ts';

/** The message that is open: what it is, and in the playground what can be done to it. */
export function MessagePane() {
  const flight = openMessage.value;
  if (flight === undefined) return undefined;
  const word = messageWord.value;
  const close = () => {
    opened.value = undefined;
  };
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === 'Escape') close();
  };
  return html`
    <section class="message-pane" aria-labelledby="message" onKeyDown=${onKeyDown}>
      <h2 id="message" tabindex="-1">${word.message(flight.names.join(', '))}</h2>
      <button class="close" onClick=${close}>${word.close}</button>
      <${Fields} fields=${{
        [word.kind]: flight.names.join(', '),
        [word.from]: flight.from,
        [word.to]: flight.to,
        [word.number]: flight.number,
        [word.sentAt]: `${fixed(flight.sentMs, 3)} ms`,
        [flight.isLost ? word.lostAt : word.arrivesAt]: `${fixed(flight.arrivedMs, 3)} ms`,
      }} />
      ${flight.contents.map((json, index) => html`<pre key=${index} lang="en" tabindex="0" aria-label=${flight.names[index]}>${indented(json)}</pre>`)}
      <p role="status">${stateOf(flight)}</p>
      ${view.value === 'playground' && (flight.kind === 'closed' ? html`<p class="quiet">${word.end}</p>` : html`<${Deeds} flight=${flight} />`)}
    </section>
  `;
}

function stateOf(flight: Flight): string {
  const word = messageWord.value;
  if (isUnderWay.value) return word.isUnderWay;
  if ((frame.value?.nowMs ?? 0) < flight.arrivedMs) return word.isNotYetSent;
  return flight.isLost ? word.isLost : word.hasArrived;
}

const delayMsUsual = 500;
const delayMsMax = 60_000;

function Deeds({ flight: { number } }: { readonly flight: Flight }) {
  const word = messageWord.value;
  const isOff = !canAct.value || !isUnderWay.value;
  const delay = (event: SubmitEvent) => {
    event.preventDefault();
    const ms = new FormData(event.currentTarget as HTMLFormElement).get('delay-ms');
    act({ do: 'delay', message: number, ms: Number(ms) });
  };
  return html`
    <p class="quiet">${word.stream}</p>
    <ul class="deeds">
      <li><button disabled=${isOff} onClick=${() => act({ do: 'deliver', message: number })}>${word.deliver}</button> <span>${word.delivers}</span></li>
      <li>
        <form class="hand" onSubmit=${delay}>
          <button disabled=${isOff}>${word.delay}</button>
          <label>${word.delayMs} <input name="delay-ms" type="number" required min="1" max=${delayMsMax} step="1" value=${delayMsUsual} /></label>
        </form>
        <span>${word.delays}</span>
      </li>
      <li><button disabled=${isOff} onClick=${() => act({ do: 'drop', message: number })}>${word.drop}</button> <span>${word.drops}</span></li>
      <li><button disabled=${isOff} onClick=${() => act({ do: 'duplicate', message: number })}>${word.duplicate}</button> <span>${word.duplicates}</span></li>
    </ul>
    <p class="quiet">${word.drag}</p>
  `;
}

/** On a line for each field; what was cut off is no JSON, and stays as it is. */
function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 2);
  } catch {
    return json;
  }
}
