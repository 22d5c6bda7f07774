import { unreachable } from '@tablelab/shared';
import { html } from 'htm/preact';
import type { LiveEvent } from '../../dashboard/live-messages.ts';
import { chainWord } from '../words/chain.ts';
import { liveWord } from '../words/live.ts';
import { liveServerWord } from '../words/live-servers.ts';
import { timeOfDay } from '../words/numbers.ts';
import { events } from './live-source.ts';

const shownMax = 100;

const signs = { view: '◆', fault: '✗', mended: '✓', joining: '…' };

/** What has happened to the chain, the last first. */
export function LiveEvents() {
  const shown = events.value.slice(-shownMax).toReversed();
  const word = liveWord.value;
  return html`
    <section class="live-events">
      <h2>${word.whatHasHappened}</h2>
      ${shown.length === 0 && html`<p class="quiet">${word.nothingHappened}</p>`}
      <ol tabindex="0" aria-label=${word.eventsLastFirst}>
        ${shown.map((event) => {
          const text = textOf(event);
          return html`<li key=${`${event.at} ${text}`} class=${event.kind}><time>${timeOfDay(event.at)}</time> <span aria-hidden="true">${signs[event.kind]}</span> ${text}</li>`;
        })}
      </ol>
    </section>
  `;
}

function textOf(event: LiveEvent): string {
  const { events: word } = liveWord.value;
  switch (event.what) {
    case 'zookeeper-lost':
      return word.zooKeeperLost;
    case 'zookeeper-back':
      return word.zooKeeperBack;
    case 'view':
      return chainWord.value.viewIs(event.version, event.servers.join(' → ') || chainWord.value.noServer);
    case 'waits':
      return `${word.server(event.id, event.address)} ${word.waits}`;
    case 'is-in':
      return `${word.server(event.id, event.address)} ${word.isIn}`;
    case 'silent':
      return `${word.server(event.id, event.address)} ${liveServerWord.value.doesNotAnswer}`;
    case 'answers-again':
      return `${word.server(event.id, event.address)} ${word.answersAgain}`;
    case 'has-left':
      return `${word.server(event.id, event.address)} ${word.hasLeft}`;
    default:
      return unreachable(event);
  }
}
