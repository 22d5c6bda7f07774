import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import { toolWord } from '../words/live-tools.ts';
import { postJson, token } from './ask-server.ts';
import { chosen, hasControls, load, now } from './live-source.ts';

const answer = signal<{ readonly isError: boolean; readonly text: string } | undefined>(undefined);
/** Where the slider is while somebody drags it. */
const dragged = signal<number | undefined>(undefined);

const loadMax = 2_000;
const loadStep = 50;

const serverActions = ['kill', 'pause', 'resume', 'stop'] as const;

/** What a person may do to the chain of `npm start`. */
export function ControlsPanel() {
  if (!hasControls.value || token === undefined) return undefined;
  const word = toolWord.value;
  const address = chosen.value;
  const isThere = now.value?.servers.some((server) => server.address === address) === true;
  const slide = (event: InputEvent) => {
    dragged.value = (event.target as HTMLInputElement).valueAsNumber;
  };
  const rate = dragged.value ?? load.value;
  return html`
    <section class="hands" aria-label=${word.controls}>
      <h2>${word.doSomething}</h2>
      <div class="hand">
        <span>${isThere && address !== undefined ? word.serverIs(address) : word.chooseInDrawing}</span>
        ${serverActions.map((action) => html`<button key=${action} disabled=${!isThere} onClick=${() => act({ do: action, address })}>${word.actions[action]}</button>`)}
        <button onClick=${() => act({ do: 'add' })}>${word.addServer}</button>
      </div>
      <label class="hand">${word.load}
        <input class="load" type="range" min="0" max=${loadMax} step=${loadStep} value=${rate} onInput=${slide} onChange=${setLoad} />
        <span>${word.perSecond(rate)}</span>
      </label>
      ${answer.value !== undefined && html`<p role="status" lang="en" class=${answer.value.isError ? 'bad' : 'quiet'}>${answer.value.text}</p>`}
    </section>
  `;
}

async function setLoad(event: Event): Promise<void> {
  const rate = (event.target as HTMLInputElement).valueAsNumber;
  if (await act({ do: 'load', rate })) load.value = rate;
  dragged.value = undefined;
}

/** Whether it has been done. */
async function act(what: object): Promise<boolean> {
  try {
    answer.value = { isError: false, text: (await postJson<{ text: string }>('api/control', what)).text };
    return true;
  } catch (error) {
    answer.value = { isError: true, text: (error as Error).message };
    return false;
  }
}
