import { html } from 'htm/preact';
import { ChainDrawing } from './chain-drawing.ts';
import { EventList } from './event-list.ts';
import { frame, run, runSeed, seedMax } from './playground.ts';
import { ServerPane } from './server-pane.ts';
import { SpaceTime } from './space-time.ts';
import { TimeLine } from './time-line.ts';

export function App() {
  return html`
    <header>
      <h1>The chain, step by step</h1>
      <p>
        A write enters at the head, passes every server, and is committed when the tail has it. These are the real servers and
        clients of part 4, in simulated time, with the faults that the seed brings.
      </p>
    </header>
    <${SeedForm} />
    <${Outcome} />
    ${frame.value !== undefined && html`<${ChainDrawing} /><${TimeLine} /><${SpaceTime} /><div class="panes"><${EventList} /><${ServerPane} /></div>`}
  `;
}

function SeedForm() {
  const { seed: shown, edits } = run.value;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const { seed } = (event.target as HTMLFormElement).elements as unknown as { seed: HTMLInputElement };
    runSeed(seed.valueAsNumber);
  };
  return html`
    <form class="seed" onSubmit=${submit}>
      <label for="seed">Seed</label>
      <input id="seed" name="seed" type="number" required min="0" max=${seedMax} step="1" value=${shown} />
      <button>Run</button>
      <button type="button" onClick=${() => runSeed(Math.min(shown + 1, seedMax))}>Next seed</button>
      ${edits !== undefined && html`<button type="button" onClick=${() => runSeed(shown)}>Without edits</button>`}
    </form>
    ${edits !== undefined && html`<p class="edits">Edits <code>${edits}</code></p>`}
  `;
}

function Outcome() {
  const { value } = run;
  if (value.type === 'running') return html`<p role="status">Seed ${value.seed} is running …</p>`;
  if (value.type === 'failed')
    return html`<div role="alert"><p>This run is not there.</p><pre>${value.text}</pre></div>`;
  const { failure, steps, hash, seed } = value.recording;
  return html`
    <p role="status" class=${failure === undefined ? 'good' : 'bad'}>
      ${failure === undefined ? '✓ No rule was broken' : `✗ A rule was broken: ${failure}`}
      <span class="quiet">Seed ${seed}, ${steps} events, trace <code>${hash}</code></span>
    </p>
  `;
}
