import { html } from 'htm/preact';
import { BranchList } from './branch-list.ts';
import { ChainDrawing } from './chain-drawing.ts';
import { showQuietChain } from './edits.ts';
import { EventList } from './event-list.ts';
import { HandsPanel } from './hands-panel.ts';
import { LessonList } from './lesson-list.ts';
import { LessonView } from './lesson-view.ts';
import { frame } from './player.ts';
import { run, showRun } from './playground.ts';
import { ReplayView } from './replay-view.ts';
import { runOf, seedMax } from './run-name.ts';
import { served, withSources } from './served.ts';
import { ServerPane } from './server-pane.ts';
import { SpaceTime } from './space-time.ts';
import { TimeLine } from './time-line.ts';
import { language, languages, lessonsAddress, replayAddress, view } from './view.ts';
import { word } from './words.ts';

export function App() {
  const isPlayground = view.value === 'playground';
  const lang = language.value === 'pt' ? 'pt-PT' : 'en';
  return html`
    <div lang=${lang}>
      <${Navigation} />
      ${view.value === 'lessons' && html`<${LessonList} />`}
      ${view.value === 'lesson' && html`<${LessonView} />`}
      ${view.value === 'replay' && html`<${ReplayView} />`}
    </div>
    ${isPlayground && html`<${Playground} />`}
  `;
}

function Navigation() {
  const isPlayground = view.value === 'playground';
  return html`
    <div class="top">
      <nav aria-label=${word.value.parts}>
        <a href=${lessonsAddress(language.value)} aria-current=${view.value === 'lessons' ? 'page' : view.value === 'lesson' ? 'true' : undefined}>${word.value.lessons}</a>
        <a href="#seed=1" aria-current=${isPlayground ? 'page' : undefined}>${word.value.playground}</a>
        <a href=${replayAddress(language.value)} aria-current=${view.value === 'replay' ? 'page' : undefined}>${word.value.replay}</a>
      </nav>
      ${!isPlayground && html`<${LanguageSwitch} />`}
    </div>
  `;
}

const languageNames = { en: 'English', pt: 'Português' };

function LanguageSwitch() {
  return html`
    <div role="group" aria-label=${word.value.languages} class="languages">
      ${languages.map((one) => {
        const choose = () => {
          language.value = one;
        };
        return html`<button key=${one} lang=${one} aria-pressed=${language.value === one} onClick=${choose}>${languageNames[one]}</button>`;
      })}
    </div>
  `;
}

function Playground() {
  return html`
    <header>
      <h1>The chain, step by step</h1>
      <p>
        A write enters at the head, passes every server, and is committed when the tail has it. These are the real servers and
        clients of part 4, in simulated time, with the faults that the seed brings.
      </p>
    </header>
    <${SeedForm} />
    ${served !== undefined && html`<p class="quiet">The servers run <code class="core">${served.core}</code>; save a file beside it, and the run is played again.</p>`}
    <${Outcome} />
    ${frame.value !== undefined && html`<${ChainDrawing} /><${TimeLine} /><${HandsPanel} /><${BranchList} /><${SpaceTime} /><div class="panes"><${EventList} /><${ServerPane} /></div>`}
  `;
}

function SeedForm() {
  const { seed: shown, edits } = run.value.name;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const { seed } = (event.target as HTMLFormElement).elements as unknown as { seed: HTMLInputElement };
    showRun(runOf(seed.valueAsNumber));
  };
  return html`
    <form class="seed" onSubmit=${submit}>
      <label for="seed">Seed</label>
      <input id="seed" name="seed" type="number" required min="0" max=${seedMax} step="1" value=${shown} />
      <button>Run</button>
      <button type="button" onClick=${() => showRun(runOf(Math.min(shown + 1, seedMax)))}>Next seed</button>
      <button type="button" onClick=${showQuietChain}>Three servers, no faults</button>
      ${edits !== undefined && html`<button type="button" onClick=${() => showRun(runOf(shown))}>Without edits</button>`}
    </form>
    ${edits !== undefined && html`<p class="edits">Edits <code>${edits}</code></p>`}
  `;
}

function Outcome() {
  const { value } = run;
  if (value.type === 'running') return html`<p role="status">Seed ${value.name.seed} is running …</p>`;
  if (value.type === 'failed')
    return html`<div role="alert"><p>This run is not there.</p><pre>${value.text}</pre></div>`;
  const { failure, steps, hash, seed } = value.recording;
  const [first, ...more] = withSources(failure ?? '').split('\n');
  const isStack = more.some((line) => /^\s+at /.test(line));
  return html`
    <p role="status" class=${failure === undefined ? 'good' : 'bad'}>
      ${failure === undefined ? '✓ No rule was broken' : isStack ? `✗ The core has an error: ${first}` : `✗ A rule was broken: ${first}`}
      <span class="quiet">Seed ${seed}, ${steps} events, trace <code>${hash}</code></span>
    </p>
    ${more.length > 0 && html`<pre class="why">${more.join('\n')}</pre>`}
  `;
}
