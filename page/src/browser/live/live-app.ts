import { html } from 'htm/preact';
import { Charts } from './charts.ts';
import { ConsolePanel } from './console-panel.ts';
import { ControlsPanel } from './controls-panel.ts';
import { KeyBrowser } from './key-browser.ts';
import { LiveDrawing } from './live-drawing.ts';
import { LiveEvents } from './live-events.ts';
import { LiveServerPane } from './live-server-pane.ts';
import { connection, now } from './live-source.ts';
import { ServerTable } from './server-table.ts';

export function LiveApp() {
  return html`
    <header>
      <h1>The chain, live</h1>
      <${State} />
    </header>
    ${
      now.value !== undefined &&
      html`
        <div class=${connection.value === 'lost' ? 'old' : undefined}>
          <${LiveDrawing} />
          <${ControlsPanel} />
          <${Charts} />
          <div class="panes"><${LiveEvents} /><${LiveServerPane} /></div>
          <${ServerTable} />
        </div>
        <div class="panes"><${KeyBrowser} /><${ConsolePanel} /></div>
      `
    }
  `;
}

/** One line that says whether what is below can be believed. */
function State() {
  const { kind, text } = stateText();
  return html`<p class=${kind} role="status">${text}</p>`;
}

function stateText(): { kind: 'good' | 'bad' | 'quiet'; text: string } {
  const live = now.value;
  if (live === undefined)
    return connection.value === 'lost'
      ? { kind: 'bad', text: '✗ The dashboard’s server does not answer. Trying again …' }
      : { kind: 'quiet', text: 'Connecting …' };
  const at = new Date(live.at).toLocaleTimeString();
  if (connection.value === 'lost')
    return { kind: 'bad', text: `✗ The dashboard’s server does not answer. This is how it was at ${at}.` };
  const { zooKeeper, servers, chain } = live;
  if (!zooKeeper.isUp) {
    const why = zooKeeper.trouble === undefined ? '' : ` (${zooKeeper.trouble})`;
    return { kind: 'bad', text: `✗ No connection to ZooKeeper${why}. Trying again …` };
  }
  if (zooKeeper.unreadable !== undefined)
    return { kind: 'bad', text: `✗ The record in ZooKeeper cannot be read: ${zooKeeper.unreadable}` };
  if (servers.length === 0) return { kind: 'bad', text: '✗ ZooKeeper is there, and no server.' };
  const silent = servers.filter(({ answer }) => 'trouble' in answer).length;
  if (silent > 0) return { kind: 'bad', text: `✗ ${silent} of ${servers.length} servers do not answer` };
  const waiting = servers.filter(({ id }) => id === undefined).length;
  const joining = waiting === 0 ? '' : `, ${waiting} joining`;
  const inChain = servers.length - waiting;
  return {
    kind: 'good',
    text: `✓ ${inChain} ${inChain === 1 ? 'server' : 'servers'} in chain ${chain ?? '(no record yet)'}${joining}`,
  };
}
