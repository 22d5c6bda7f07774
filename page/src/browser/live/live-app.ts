import { html } from 'htm/preact';
import { LanguageSwitch } from '../language-switch.ts';
import { liveWord } from '../words/live.ts';
import { timeOfDay } from '../words/numbers.ts';
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
      <div class="top"><h1>${liveWord.value.title}</h1><${LanguageSwitch} /></div>
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
  const { kind, text, reason, rest = '' } = stateText();
  return html`<p class=${kind} role="status">${text}${reason !== undefined && html` <span lang="en">${reason}</span>`}${rest}</p>`;
}

interface StateText {
  readonly kind: 'good' | 'bad' | 'quiet';
  readonly text: string;
  /** What a program has said, in its own words. */
  readonly reason?: string | undefined;
  readonly rest?: string;
}

function stateText(): StateText {
  const live = now.value;
  const word = liveWord.value;
  if (live === undefined)
    return connection.value === 'lost'
      ? { kind: 'bad', text: `${word.noServerAnswer} ${word.tryingAgain}` }
      : { kind: 'quiet', text: word.connecting };
  if (connection.value === 'lost')
    return { kind: 'bad', text: `${word.noServerAnswer} ${word.howItWas(timeOfDay(live.at))}` };
  const { zooKeeper, servers, chain } = live;
  if (!zooKeeper.isUp) {
    const reason = zooKeeper.trouble === undefined ? undefined : `(${zooKeeper.trouble})`;
    return { kind: 'bad', text: word.noZooKeeper, reason, rest: `. ${word.tryingAgain}` };
  }
  if (zooKeeper.unreadable !== undefined)
    return { kind: 'bad', text: word.unreadable, reason: zooKeeper.unreadable };
  if (servers.length === 0) return { kind: 'bad', text: word.noServers };
  const silent = servers.filter(({ answer }) => 'trouble' in answer).length;
  if (silent > 0) return { kind: 'bad', text: word.doNotAnswer(silent, servers.length) };
  const waiting = servers.filter(({ id }) => id === undefined).length;
  return { kind: 'good', text: word.inChain(servers.length - waiting, chain, waiting) };
}
