import { html } from 'htm/preact';
import { events } from './live-source.ts';

const shownMax = 100;

const signs = { view: '◆', fault: '✗', mended: '✓', joining: '…' };

/** What has happened to the chain, the last first. */
export function LiveEvents() {
  const shown = events.value.slice(-shownMax).toReversed();
  return html`
    <section class="live-events">
      <h2>What has happened</h2>
      ${shown.length === 0 && html`<p class="quiet">Nothing in the last ten minutes.</p>`}
      <ol tabindex="0" aria-label="Events, the last first">
        ${shown.map(({ at, kind, text }) => html`<li key=${`${at} ${text}`} class=${kind}><time>${new Date(at).toLocaleTimeString()}</time> <span aria-hidden="true">${signs[kind]}</span> ${text}</li>`)}
      </ol>
    </section>
  `;
}
