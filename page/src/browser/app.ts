import { html } from 'htm/preact';
import { BranchList } from './branch-list.ts';
import { ChainDrawing } from './chain-drawing.ts';
import { showQuietChain } from './edits.ts';
import { EventList } from './event-list.ts';
import { HandsPanel } from './hands-panel.ts';
import { LanguageSwitch } from './language-switch.ts';
import { LessonList } from './lesson-list.ts';
import { LessonView } from './lesson-view.ts';
import { TraceComparison } from './opened-trace.ts';
import { MessagePane } from './message-pane.ts';
import { frame } from './player.ts';
import { run, showRun } from './playground.ts';
import { ReplayView } from './replay-view.ts';
import { runOf, seedMax } from './run-name.ts';
import { served, withSources } from './served.ts';
import { ServerPane } from './server-pane.ts';
import { SpaceTime } from './space-time.ts';
import { TimeLine } from './time-line.ts';
import { language, lessonsAddress, playgroundAddress, replayAddress, view } from './view.ts';
import { playgroundWord } from './words/playground.ts';
import { word } from './words.ts';

export function App() {
  return html`
    <${Navigation} />
    ${view.value === 'lessons' && html`<${LessonList} />`}
    ${view.value === 'lesson' && html`<${LessonView} />`}
    ${view.value === 'replay' && html`<${ReplayView} />`}
    ${view.value === 'playground' && html`<${Playground} />`}
  `;
}

function Navigation() {
  const isPlayground = view.value === 'playground';
  return html`
    <div class="top">
      <nav aria-label=${word.value.parts}>
        <a href=${lessonsAddress(language.value)} aria-current=${view.value === 'lessons' ? 'page' : view.value === 'lesson' ? 'true' : undefined}>${word.value.lessons}</a>
        <a href=${playgroundAddress(runOf(1), undefined, language.value)} aria-current=${isPlayground ? 'page' : undefined}>${word.value.playground}</a>
        <a href=${replayAddress(language.value)} aria-current=${view.value === 'replay' ? 'page' : undefined}>${word.value.replay}</a>
      </nav>
      <${LanguageSwitch} />
    </div>
  `;
}

function Playground() {
  const [beforeCore, afterCore] = playgroundWord.value.servedCore;
  return html`
    <header>
      <h1>${playgroundWord.value.title}</h1>
      <p>${playgroundWord.value.introduction}</p>
    </header>
    <${SeedForm} />
    ${served !== undefined && html`<p class="quiet">${beforeCore} <code class="core">${served.core}</code>${afterCore}</p>`}
    <${Outcome} />
    ${frame.value !== undefined && html`<${ChainDrawing} /><${TimeLine} /><${MessagePane} /><${HandsPanel} /><${BranchList} /><${SpaceTime} /><div class="panes"><${EventList} /><${ServerPane} /></div>`}
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
      <label for="seed">${playgroundWord.value.seed}</label>
      <input id="seed" name="seed" type="number" required min="0" max=${seedMax} step="1" value=${shown} />
      <button>${playgroundWord.value.run}</button>
      <button type="button" onClick=${() => showRun(runOf(Math.min(shown + 1, seedMax)))}>${playgroundWord.value.nextSeed}</button>
      <button type="button" onClick=${showQuietChain}>${playgroundWord.value.quietChain}</button>
      ${edits !== undefined && html`<button type="button" onClick=${() => showRun(runOf(shown))}>${playgroundWord.value.withoutEdits}</button>`}
    </form>
    ${edits !== undefined && html`<p class="edits">${playgroundWord.value.edits} <code>${edits}</code></p>`}
  `;
}

function Outcome() {
  const { value } = run;
  const word = playgroundWord.value;
  if (value.type === 'running') return html`<p role="status">${word.isRunning(value.name.seed)}</p>`;
  if (value.type === 'failed')
    return html`<div role="alert"><p>${word.noRun}</p><pre lang="en" tabindex="0">${value.text}</pre></div>`;
  const { failure, steps, hash, seed } = value.recording;
  const [first, ...more] = withSources(failure ?? '').split('\n');
  const isStack = more.some((line) => /^\s+at /.test(line));
  return html`
    <p role="status" class=${failure === undefined ? 'good' : 'bad'}>
      ${failure === undefined ? word.noRuleBroken : html`${isStack ? word.coreError : word.ruleBroken} <span lang="en">${first}</span>`}
      <span class="quiet">${word.figures(seed, steps)} <code>${hash}</code></span>
    </p>
    <${TraceComparison} run=${value.name} hash=${hash} />
    ${more.length > 0 && html`<pre class="why" lang="en" tabindex="0">${more.join('\n')}</pre>`}
  `;
}
